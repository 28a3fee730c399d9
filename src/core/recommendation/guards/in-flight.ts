import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** One move at a time. */
export function inFlightGuard({ standing }: Assessment): Decision | undefined {
	const { inFlight } = standing;
	if (!inFlight) return undefined;
	return stay("MigrationInFlight", `migration ${inFlight.name} is ${inFlight.status.phase ?? "Pending"}`);
}
