/** A prediction in the objective's unit, with its 90 % interval. */
export interface Prediction {
	readonly value: number;
	readonly lower: number;
	readonly upper: number;
}

/** Why nothing could be predicted. */
export type PredictionUnknownReason =
	| "MetricsStale"
	| "MetricsAbsent"
	| "ModelRefused"
	| "OutputNotFinite"
	| "NotRecorded";

/**
 * Predictions of one workload on many nodes, column-wise because a cycle holds millions of them.
 * Index i of every array belongs to `nodes[i]`; NaN is Unknown.
 */
export interface PredictionTable {
	readonly nodes: readonly string[];
	readonly value: Float32Array;
	readonly lower: Float32Array;
	readonly upper: Float32Array;
	/** 1 where an input was outside the model's training range (the interval is widened then). */
	readonly extrapolated: Uint8Array;
}

/** The prediction at an index, `undefined` when it is Unknown. */
export function predictionAt(table: PredictionTable, index: number): Prediction | undefined {
	const value = table.value[index];
	const lower = table.lower[index];
	const upper = table.upper[index];
	if (value === undefined || lower === undefined || upper === undefined) return undefined;
	if (!Number.isFinite(value) || !Number.isFinite(lower) || !Number.isFinite(upper)) return undefined;
	return { value, lower, upper };
}
