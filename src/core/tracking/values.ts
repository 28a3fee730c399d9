import { predictedAt } from "../recommendation/candidates.ts";
import { bestDomain } from "../recommendation/rank.ts";
import type { IndexedNode, NodeOrder } from "./node-order.ts";
import type { Tracked } from "./run.ts";

export interface IndexedValue extends IndexedNode {
	/** In the objective's unit. */
	readonly value: number;
	readonly lower: number;
	readonly upper: number;
}

/** One workload's predictions by index. */
export interface Values {
	/** All candidates. */
	readonly places: readonly IndexedNode[];
	readonly known: readonly IndexedValue[];
	/** Names of the nodes of which nothing is known. */
	readonly unknown: readonly string[];
	/** Where the workload would be best: rank 1 of its report. */
	readonly best: IndexedValue | undefined;
}

export function valuesOf({ evaluation, policy }: Tracked, order: NodeOrder): Values {
	const { candidates } = evaluation;
	const known: IndexedValue[] = [];
	const unknown: string[] = [];
	const places = order.of(candidates.nodes);
	for (const place of places) {
		const predicted = predictedAt(candidates, place.row);
		if (predicted) known.push({ ...place, ...predicted });
		else unknown.push(place.node);
	}
	const best = bestDomain(candidates, policy);
	return { places, known, unknown, best: best && known.find(({ row }) => row === best.index) };
}

/** Predictions are 32-bit numbers: what lies beyond their precision is noise of the conversion. */
export function short(value: number): number {
	return Number(value.toPrecision(7));
}
