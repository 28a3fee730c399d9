import type { Node } from "../cluster/node.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import type { Verdict } from "./verdict.ts";

/** One rule applied to one node. */
export type Check = (node: Node) => Verdict;

/** Prepares a rule for one pod; `undefined` when the pod gives it nothing to check. */
export type CheckFactory = (pod: PodToPlace, context: FeasibilityContext) => Check | undefined;

/** The value of a node's label; `undefined` when it has none. */
export function labelOf(node: Node, key: string): string | undefined {
	return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
}

/** Computes on first use: later checks are costly and most nodes fail or pass without them. */
export function lazy<Value>(compute: () => Value): () => Value {
	let computed: { readonly value: Value } | undefined;
	return () => {
		computed ??= { value: compute() };
		return computed.value;
	};
}
