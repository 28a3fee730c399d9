import type { Node } from "../cluster/node.ts";
import { candidatesCheck } from "./candidates.ts";
import type { CheckFactory } from "./check.ts";
import { existingAntiAffinityCheck } from "./existing-anti-affinity.ts";
import { hostPortsCheck } from "./host-ports.ts";
import { nodeAffinityCheck, ownSelector } from "./node-affinity.ts";
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
export const CHECKS: readonly CheckFactory[] = [
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

/** All that a rule on nodes alone takes from pod and policy, as text; `undefined` when there is nothing to check. */
type Constraint = (pod: PodToPlace, context: FeasibilityContext) => string | undefined;

/** The rules on nodes alone. */
export const NODE_CHECKS: ReadonlyMap<CheckFactory, Constraint> = new Map<CheckFactory, Constraint>([
	[
		candidatesCheck,
		(_, { candidates, topologyKey, quarantined }) =>
			JSON.stringify([candidates, topologyKey, [...(quarantined ?? [])]]),
	],
	[nodeConditionCheck, () => ""],
	[taintsCheck, ({ scheduling }) => JSON.stringify(scheduling.tolerations)],
	[
		nodeAffinityCheck,
		({ scheduling }, { ignoreNodeSelectorKey }) => {
			const selector = ownSelector(scheduling, ignoreNodeSelectorKey);
			if (selector.length === 0 && scheduling.nodeAffinity === undefined) return undefined;
			return JSON.stringify([selector, scheduling.nodeAffinity]);
		},
	],
]);

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
