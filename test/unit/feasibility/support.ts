import { HOSTNAME_KEY, type Node } from "../../../src/core/cluster/node.ts";
import type { PodAffinityTerm, SchedulingSpec } from "../../../src/core/cluster/pod.ts";
import type { ClusterState } from "../../../src/core/cluster/state.ts";
import { feasibilityChecker } from "../../../src/core/feasibility/checker.ts";
import type { FeasibilityContext, PodToPlace } from "../../../src/core/feasibility/pod-to-place.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { node, scheduling } from "../cluster-core/builders.ts";

export const ZONE = "topology.kubernetes.io/zone";

export function place(changes: Partial<SchedulingSpec> = {}, rest: Partial<PodToPlace> = {}): PodToPlace {
	return {
		namespace: "shop",
		labels: { app: "web" },
		scheduling: scheduling(changes),
		workload: "shop/web",
		replacing: new Set(),
		...rest,
	};
}

export function context(state: ClusterState, changes: Partial<FeasibilityContext> = {}): FeasibilityContext {
	return { cluster: state, ledger: new Ledger(), candidates: {}, topologyKey: HOSTNAME_KEY, ...changes };
}

/** `ok`, or the message of the refusal, for every node. */
export function verdicts(pod: PodToPlace, where: FeasibilityContext): Record<string, string> {
	const check = feasibilityChecker(pod, where);
	const entries = [...where.cluster.nodes.values()].map((item: Node) => {
		const verdict = check(item);
		return [item.name, verdict.feasible ? "ok" : verdict.message] as const;
	});
	return Object.fromEntries(entries);
}

export function term(changes: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
	return {
		topologyKey: HOSTNAME_KEY,
		labelSelector: { matchLabels: { app: "web" } },
		namespaces: [],
		namespaceSelector: undefined,
		...changes,
	};
}

export function zoned(name: string, zone: string, changes: Partial<Node> = {}): Node {
	return node(name, { ...changes, labels: { [ZONE]: zone, ...changes.labels } });
}
