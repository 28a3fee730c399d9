import type { FeasibilityColumn } from "../feasibility/column.ts";
import { type Prediction, type PredictionTable, predictionAt } from "../prediction/prediction.ts";
import type { SmoothedTable } from "../smoothing/levels.ts";
import type { Candidate } from "./recommendation.ts";

/** The nodes that a policy may choose from, with their values of its topology key, index by index. */
export interface Places {
	readonly nodes: readonly string[];
	readonly domains: readonly string[];
	/** Every node has a domain of its own, as with the host name. */
	readonly isOneToOne: boolean;
}

/** Every place of one workload, column by column: a cycle holds millions of them. */
export interface CandidateTable extends Places {
	readonly feasibility: FeasibilityColumn;
	/** Index by index; absent: nothing is predicted. */
	readonly predictions: PredictionTable | SmoothedTable | undefined;
}

export function placesOf(nodes: readonly string[], domains: readonly string[]): Places {
	return { nodes, domains, isOneToOne: new Set(domains).size === domains.length };
}

export function predictedAt({ predictions }: CandidateTable, index: number): Prediction | undefined {
	return predictions && predictionAt(predictions, index);
}

/** One place by itself, not ranked. */
export function candidateAt(table: CandidateTable, index: number): Candidate {
	return {
		node: table.nodes[index] as string,
		domain: table.domains[index] as string,
		verdict: table.feasibility.verdict(index),
		predicted: predictedAt(table, index),
		rank: undefined,
	};
}

export function countFeasible({ nodes, feasibility }: CandidateTable): number {
	let count = 0;
	for (let index = 0; index < nodes.length; index += 1) if (feasibility.isFeasible(index)) count += 1;
	return count;
}

/** Whether nothing is predicted for a place; not so for one that is not in the table. */
export function isUnknown(table: CandidateTable, index: number): boolean {
	return index >= 0 && predictedAt(table, index) === undefined;
}

/** What this evaluation predicted before smoothing; `undefined` where nothing was smoothed. */
export function rawAt({ predictions }: CandidateTable, index: number): number | undefined {
	const raw = predictions && "raw" in predictions ? predictions.raw[index] : undefined;
	return raw === undefined || Number.isNaN(raw) ? undefined : raw;
}

/** Observations that a smoothed prediction rests on; `undefined` where nothing was smoothed. */
export function supportAt({ predictions }: CandidateTable, index: number): number | undefined {
	return predictions && "support" in predictions ? predictions.support[index] : undefined;
}
