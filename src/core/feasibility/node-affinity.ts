import type { Node } from "../cluster/node.ts";
import type { SchedulingSpec } from "../cluster/pod.ts";
import { type NodeSelectorTerm, nodeSelectorTermMatches } from "../cluster/selectors.ts";
import { type Check, labelOf } from "./check.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

const MESSAGE = "node(s) didn't match Pod's node affinity/selector";

/** Whether a node satisfies one of the alternatives; no constraint is always satisfied. */
export function matchesTerms(node: Node, terms: readonly NodeSelectorTerm[] | undefined): boolean {
	return terms === undefined || terms.some((term) => nodeSelectorTermMatches(term, node.labels, node.name));
}

/** What is left of a pod's nodeSelector without the key that we manage. */
export function ownSelector(scheduling: SchedulingSpec, ignoredKey: string | undefined): readonly [string, string][] {
	return Object.entries(scheduling.nodeSelector).filter(([key]) => key !== ignoredKey);
}

export function matchesSelector(node: Node, selector: readonly [string, string][]): boolean {
	return selector.every(([key, value]) => labelOf(node, key) === value);
}

/** The pod's nodeSelector and required node affinity. */
export function nodeAffinityCheck(pod: PodToPlace, context: FeasibilityContext): Check | undefined {
	const selector = ownSelector(pod.scheduling, context.ignoreNodeSelectorKey);
	const terms = pod.scheduling.nodeAffinity;
	if (selector.length === 0 && terms === undefined) return undefined;
	return (node) => {
		if (!matchesSelector(node, selector)) return infeasible("NodeSelectorMismatch", MESSAGE);
		if (!matchesTerms(node, terms)) return infeasible("NodeAffinityMismatch", MESSAGE);
		return FEASIBLE;
	};
}
