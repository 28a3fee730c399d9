import { feasibilityChecker } from "./checker.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { GONE, type Verdict } from "./verdict.ts";

/** The verdicts on a list of nodes; index i belongs to the i-th of them. */
export interface FeasibilityColumn {
	isFeasible(index: number): boolean;
	/** With reason and message, which are made on demand. */
	verdict(index: number): Verdict;
}

/**
 * Judges `nodes` (names) for one pod as `feasibilityChecker` does. It speaks of the moment when it was
 * made: read it before the cluster or the ledger changes.
 */
export function feasibilityColumn(
	pod: PodToPlace,
	context: FeasibilityContext,
	nodes: readonly string[],
): FeasibilityColumn {
	const check = feasibilityChecker(pod, context);
	const verdicts = nodes.map((name) => {
		const node = context.cluster.nodes.get(name);
		return node ? check(node) : GONE;
	});
	const verdict = (index: number): Verdict => verdicts[index] ?? GONE;
	return { verdict, isFeasible: (index) => verdict(index).feasible };
}
