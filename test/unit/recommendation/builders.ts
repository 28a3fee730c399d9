import { FEASIBLE, infeasible } from "../../../src/core/feasibility/verdict.ts";
import { NO_HISTORY } from "../../../src/core/migration/history.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import type { RecommendationInput } from "../../../src/core/recommendation/guard.ts";
import type { Candidate } from "../../../src/core/recommendation/recommendation.ts";
import { policy, workload } from "../cluster-core/builders.ts";

export const NOW = 1_000_000_000;

/** A prediction with a symmetric 90 % interval. */
export function predicted(value: number, halfWidth = 0): Prediction {
	return { value, lower: value - halfWidth, upper: value + halfWidth };
}

export function candidate(
	node: string,
	prediction: Prediction | undefined,
	changes: Partial<Candidate> = {},
): Candidate {
	return { node, domain: node, verdict: FEASIBLE, predicted: prediction, rank: undefined, ...changes };
}

export const CORDONED = infeasible("NodeUnschedulable", "node(s) were unschedulable");

/** It runs on `a` at 150 (target 100) and would get 60 on `b`: a clear case, at its third evaluation. */
export function input(changes: Partial<RecommendationInput> = {}): RecommendationInput {
	return {
		policy: policy(),
		workload: workload("web"),
		current: {
			node: "a",
			domain: "a",
			measured: { known: true, value: 150, at: NOW },
			predicted: predicted(150, 10),
		},
		occupied: new Set(["a"]),
		candidates: [
			candidate("a", predicted(150, 10)),
			candidate("b", predicted(60, 10)),
			candidate("c", predicted(90, 10)),
		],
		unknown: undefined,
		standing: NO_HISTORY,
		disruption: undefined,
		streak: { domain: "b", count: 2, evidence: 0, dataAt: NOW - 60_000 },
		dataAt: NOW,
		now: NOW,
		...changes,
	};
}
