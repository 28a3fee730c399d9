import { DomainCounts, termSelects } from "./affinity-term.ts";
import { type Check, lazy } from "./check.ts";
import { placedGroups } from "./placed-pods.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/** The pod's own required anti-affinity: no domain of a term may hold a pod that the term selects. */
export function podAntiAffinityCheck(pod: PodToPlace, context: FeasibilityContext): Check | undefined {
	const terms = pod.scheduling.podAntiAffinity;
	if (terms.length === 0) return undefined;
	const state = lazy(() => {
		const rules = terms.map((term) => ({
			selectsPod: termSelects(term, pod.namespace, context.cluster.namespaces),
			counts: new DomainCounts(term.topologyKey),
		}));
		for (const group of placedGroups(context)) {
			for (const { selectsPod, counts } of rules) {
				if (!selectsPod(group)) continue;
				for (const placed of group.placed()) counts.add(placed.node, pod.replacing.has(placed.pod.uid));
			}
		}
		return rules;
	});
	return (node) => {
		if (state().every(({ counts }) => counts.around(node) <= 0)) return FEASIBLE;
		return infeasible("PodAntiAffinityMismatch", "node(s) didn't match pod anti-affinity rules");
	};
}
