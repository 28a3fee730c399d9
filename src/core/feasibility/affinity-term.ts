import type { Node } from "../cluster/node.ts";
import type { Pod, PodAffinityTerm } from "../cluster/pod.ts";
import { selects } from "../cluster/selectors.ts";
import type { Namespace } from "../cluster/state.ts";
import { labelOf } from "./check.ts";

/** As much of a pod as a term looks at. */
export type Selectable = Pick<Pod, "namespace" | "labels">;

/** Whether a term of a pod in namespace `own` selects another pod. */
export function termSelects(
	term: PodAffinityTerm,
	own: string,
	namespaces: ReadonlyMap<string, Namespace>,
): (pod: Selectable) => boolean {
	const { labelSelector, namespaceSelector } = term;
	if (!labelSelector) return () => false;
	const names = new Set(term.namespaces);
	if (names.size === 0 && !namespaceSelector) names.add(own);
	return (pod) => {
		const inNamespace =
			names.has(pod.namespace) ||
			(namespaceSelector !== undefined && selects(namespaceSelector, namespaces.get(pod.namespace)?.labels ?? {}));
		return inNamespace && selects(labelSelector, pod.labels);
	};
}

/** How many of some pods are in each domain of a topology key, leaving out replaced ones on the node asked about. */
export class DomainCounts {
	private readonly byDomain = new Map<string, number>();
	private readonly replacedByNode = new Map<string, number>();
	private readonly topologyKey: string;

	constructor(topologyKey: string) {
		this.topologyKey = topologyKey;
	}

	add(node: Node, isReplaced: boolean): void {
		const domain = labelOf(node, this.topologyKey);
		if (domain === undefined) return;
		this.byDomain.set(domain, (this.byDomain.get(domain) ?? 0) + 1);
		if (isReplaced) this.replacedByNode.set(node.name, (this.replacedByNode.get(node.name) ?? 0) + 1);
	}

	/** Domains that hold pods. */
	get size(): number {
		return this.byDomain.size;
	}

	/** In any of these domains; 0 when there is none. */
	get fewest(): number {
		let fewest = Number.POSITIVE_INFINITY;
		for (const count of this.byDomain.values()) fewest = Math.min(fewest, count);
		return this.byDomain.size === 0 ? 0 : fewest;
	}

	/** In the node's domain; 0 when it has none. */
	around(node: Node): number {
		const domain = labelOf(node, this.topologyKey);
		if (domain === undefined) return 0;
		const count = this.byDomain.get(domain);
		return count === undefined ? 0 : count - (this.replacedByNode.get(node.name) ?? 0);
	}
}
