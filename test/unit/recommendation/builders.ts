import { FEASIBLE, GONE, infeasible } from "../../../src/core/feasibility/verdict.ts";
import { NO_HISTORY } from "../../../src/core/migration/history.ts";
import type { Prediction, PredictionTable } from "../../../src/core/prediction/prediction.ts";
import { type CandidateTable, placesOf } from "../../../src/core/recommendation/candidates.ts";
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

/** A prediction table; what is `undefined` is Unknown. */
export function predictionTable(
	nodes: readonly string[],
	predictions: readonly (Prediction | undefined)[],
): PredictionTable {
	const column = (key: keyof Prediction) => Float32Array.from(predictions, (one) => one?.[key] ?? Number.NaN);
	return {
		nodes,
		value: column("value"),
		lower: column("lower"),
		upper: column("upper"),
		extrapolated: new Uint8Array(nodes.length),
	};
}

export function candidateTable(candidates: readonly Candidate[]): CandidateTable {
	const nodes = candidates.map(({ node }) => node);
	const places = placesOf(
		nodes,
		candidates.map(({ domain }) => domain),
	);
	const verdict = (index: number) => candidates[index]?.verdict ?? GONE;
	return {
		...places,
		feasibility: { verdict, isFeasible: (index) => verdict(index).feasible },
		predictions: predictionTable(
			nodes,
			candidates.map(({ predicted }) => predicted),
		),
	};
}

export const CORDONED = infeasible("NodeUnschedulable", "node(s) were unschedulable");

const CANDIDATES = [
	candidate("a", predicted(150, 10)),
	candidate("b", predicted(60, 10)),
	candidate("c", predicted(90, 10)),
];

/** It runs on `a` at 150 (target 100) and would get 60 on `b`: a clear case, at its third evaluation. */
export type InputChanges = Partial<Omit<RecommendationInput, "candidates">> & {
	readonly candidates?: readonly Candidate[];
};

export function input({ candidates = CANDIDATES, ...changes }: InputChanges = {}): RecommendationInput {
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
		candidates: candidateTable(candidates),
		unknown: undefined,
		standing: NO_HISTORY,
		disruption: undefined,
		streak: { domain: "b", count: 2, since: NOW - 120_000, evidence: 0, dataAt: NOW - 60_000, missed: 0 },
		dataAt: NOW,
		now: NOW,
		...changes,
	};
}
