import { DomainCounts, placedPods, termSelects } from "./affinity-term.ts";
import { type Check, lazy } from "./check.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/** Anti-affinity is symmetric: a pod that is already there may forbid this one in its domain. */
export function existingAntiAffinityCheck(pod: PodToPlace, { cluster }: FeasibilityContext): Check | undefined {
	if (cluster.podsWithAntiAffinity?.size === 0) return undefined;
	const state = lazy(() => {
		const byKey = new Map<string, DomainCounts>();
		const owners = cluster.podsWithAntiAffinity ?? cluster.pods.values();
		for (const placed of placedPods(owners, cluster.nodes)) {
			for (const term of placed.pod.scheduling.podAntiAffinity) {
				if (!termSelects(term, placed.pod.namespace, cluster.namespaces)(pod)) continue;
				const counts = byKey.get(term.topologyKey) ?? new DomainCounts(term.topologyKey);
				byKey.set(term.topologyKey, counts);
				counts.add(placed.node, pod.replacing.has(placed.pod.uid));
			}
		}
		return [...byKey.values()];
	});
	return (node) => {
		if (state().every((counts) => counts.around(node) <= 0)) return FEASIBLE;
		return infeasible("ExistingPodAntiAffinity", "node(s) didn't satisfy existing pods anti-affinity rules");
	};
}
