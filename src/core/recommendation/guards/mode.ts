import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** Only Auto moves what runs, and the kill switch stops everything. */
export function modeGuard({ policy }: Assessment): Decision | undefined {
	if (policy.suspend) return stay("Suspended", `policy ${policy.name} is suspended`);
	if (policy.mode === "Off") return stay("ModeOff", `policy ${policy.name} has mode Off: it only predicts`);
	if (policy.mode === "Initial") {
		return stay("ModeInitial", `policy ${policy.name} has mode Initial: it places new pods and moves none`);
	}
	return undefined;
}
