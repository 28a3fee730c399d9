import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** The workload must stand a rollout now. */
export function disruptionGuard({ disruption }: Assessment): Decision | undefined {
	return disruption && stay("DisruptionBlocked", disruption.message);
}
