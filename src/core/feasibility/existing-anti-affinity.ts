import { DomainCounts, termSelects } from "./affinity-term.ts";
import { type Check, lazy } from "./check.ts";
import { jealousGroups } from "./placed-pods.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/** Anti-affinity is symmetric: a pod that is already there may forbid this one in its domain. */
export function existingAntiAffinityCheck(pod: PodToPlace, context: FeasibilityContext): Check | undefined {
	const { podsWithAntiAffinity, namespaces } = context.cluster;
	if (podsWithAntiAffinity?.size === 0) return undefined;
	const state = lazy(() => {
		const byKey = new Map<string, DomainCounts>();
		for (const group of jealousGroups(context)) {
			for (const term of group.podAntiAffinity) {
				if (!termSelects(term, group.namespace, namespaces)(pod)) continue;
				const counts = byKey.get(term.topologyKey) ?? new DomainCounts(term.topologyKey);
				byKey.set(term.topologyKey, counts);
				for (const placed of group.placed()) counts.add(placed.node, pod.replacing.has(placed.pod.uid));
			}
		}
		return [...byKey.values()];
	});
	return (node) => {
		if (state().every((counts) => counts.around(node) <= 0)) return FEASIBLE;
		return infeasible("ExistingPodAntiAffinity", "node(s) didn't satisfy existing pods anti-affinity rules");
	};
}
