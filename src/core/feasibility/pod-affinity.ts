import { DomainCounts, termSelects } from "./affinity-term.ts";
import { type Check, labelOf, lazy } from "./check.ts";
import { placedGroups } from "./placed-pods.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/**
 * Required pod affinity: every term's domain must hold a pod that all terms select. The first pod of a
 * group that is affine to itself may go wherever the topology labels exist.
 */
export function podAffinityCheck(pod: PodToPlace, context: FeasibilityContext): Check | undefined {
	const terms = pod.scheduling.podAffinity;
	if (terms.length === 0) return undefined;
	const selecting = terms.map((term) => termSelects(term, pod.namespace, context.cluster.namespaces));
	const state = lazy(() => {
		const counts = terms.map((term) => new DomainCounts(term.topologyKey));
		for (const group of placedGroups(context)) {
			if (!selecting.every((matches) => matches(group))) continue;
			// A pod that will be replaced is still there when its successor is scheduled.
			for (const { node } of group.placed()) for (const count of counts) count.add(node, false);
		}
		const first = counts.every((count) => count.size === 0) && selecting.every((matches) => matches(pod));
		return { counts, first };
	});
	return (node) => {
		const hasLabels = terms.every((term) => labelOf(node, term.topologyKey) !== undefined);
		const { counts, first } = state();
		if (hasLabels && (first || counts.every((count) => count.around(node) > 0))) return FEASIBLE;
		return infeasible("PodAffinityMismatch", "node(s) didn't match pod affinity rules");
	};
}
