import type { Check } from "./check.ts";
import { matchesTerms } from "./node-affinity.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/**
 * Bound volumes reach only some nodes. A claim that is not bound yet is bound to fit the chosen node;
 * whether its storage class can do so there is left to the scheduler.
 */
export function volumesCheck(pod: PodToPlace, { cluster }: FeasibilityContext): Check | undefined {
	const names = pod.scheduling.volumeClaims;
	if (names.length === 0) return undefined;
	const claims = names.map((name) => cluster.volumeClaims.get(`${pod.namespace}/${name}`));
	const missing = names.find((_name, index) => claims[index] === undefined);
	return (node) => {
		if (missing !== undefined) {
			return infeasible("VolumeNodeAffinityConflict", `persistentvolumeclaim "${missing}" not found`);
		}
		if (claims.every((claim) => !claim?.bound || matchesTerms(node, claim.nodeAffinity))) return FEASIBLE;
		return infeasible("VolumeNodeAffinityConflict", "node(s) didn't match PersistentVolume's node affinity");
	};
}
