import type { Node } from "../cluster/node.ts";
import { candidatesCheck } from "./candidates.ts";
import type { CheckFactory } from "./check.ts";
import { existingAntiAffinityCheck } from "./existing-anti-affinity.ts";
import { hostPortsCheck } from "./host-ports.ts";
import { nodeAffinityCheck } from "./node-affinity.ts";
import { nodeConditionCheck } from "./node-condition.ts";
import { podAffinityCheck } from "./pod-affinity.ts";
import { podAntiAffinityCheck } from "./pod-anti-affinity.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { resourcesCheck } from "./resources.ts";
import { taintsCheck } from "./taints.ts";
import { topologySpreadCheck } from "./topology-spread.ts";
import { FEASIBLE, type Verdict } from "./verdict.ts";
import { volumeClaimsCheck, volumeInUseCheck, volumesCheck } from "./volumes.ts";

/** In the scheduler's order, after the policy's own limits; the first refusal is the verdict. */
const CHECKS: readonly CheckFactory[] = [
	candidatesCheck,
	volumeClaimsCheck,
	nodeConditionCheck,
	taintsCheck,
	nodeAffinityCheck,
	hostPortsCheck,
	resourcesCheck,
	volumeInUseCheck,
	volumesCheck,
	topologySpreadCheck,
	podAffinityCheck,
	podAntiAffinityCheck,
	existingAntiAffinityCheck,
];

/**
 * Judges nodes for one pod as kube-scheduler would, in its wording. What depends on the pod alone is
 * computed once, so use one checker for all nodes, and a new one when the cluster or the ledger changed.
 */
export function feasibilityChecker(pod: PodToPlace, context: FeasibilityContext): (node: Node) => Verdict {
	const checks = CHECKS.flatMap((make) => make(pod, context) ?? []);
	return (node) => {
		for (const check of checks) {
			const verdict = check(node);
			if (!verdict.feasible) return verdict;
		}
		return FEASIBLE;
	};
}
