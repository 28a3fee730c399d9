import { stretchedBelow } from "../prediction/interval.ts";
import type { Prediction, PredictionTable } from "../prediction/prediction.ts";

/** A model that is sure of itself gets at least this half width, as a share of the value, to work on. */
const LEAST_HALF_WIDTH = 0.002;

/** How a prediction is corrected. */
export interface Correction {
	/** What all of it is multiplied by. */
	readonly bias: number;
	/** How the half widths are stretched. */
	readonly lower: number;
	readonly upper: number;
}

/** The half width that a stretch starts from. */
export function halfWidth(half: number, value: number): number {
	return Math.max(half, LEAST_HALF_WIDTH * Math.abs(value));
}

/** Nothing is below `least`, the least that the metric can be. */
export function corrected(
	{ value, lower, upper }: Prediction,
	{ bias, least, ...stretch }: Correction & { readonly least: number },
): Prediction {
	const room = value - least;
	const low = value - stretchedBelow(halfWidth(value - lower, value), stretch.lower, room);
	return {
		value: Math.max(bias * value, least),
		lower: Math.max(bias * low, least),
		upper: Math.max(bias * (value + stretch.upper * halfWidth(upper - value, value)), least),
	};
}

export function put(table: PredictionTable, row: number, { value, lower, upper }: Prediction): void {
	table.value[row] = value;
	table.lower[row] = lower;
	table.upper[row] = upper;
}

/**
 * Corrects all rows alike, but for the bias of their nodes. Millions of rows a cycle pass here: it is
 * `corrected` without objects.
 */
export function correctAll(
	{ value, lower, upper }: PredictionTable,
	nodes: Float64Array,
	{ bias, least, ...stretch }: Correction & { readonly least: number },
): void {
	for (let row = 0; row < value.length; row += 1) {
		const middle = value[row] as number;
		const factor = bias * (nodes[row] as number);
		const floor = LEAST_HALF_WIDTH * Math.abs(middle);
		const below = middle - (lower[row] as number);
		const above = (upper[row] as number) - middle;
		const centre = factor * middle;
		const low = factor * (middle - stretchedBelow(below < floor ? floor : below, stretch.lower, middle - least));
		const high = factor * (middle + stretch.upper * (above < floor ? floor : above));
		value[row] = centre < least ? least : centre;
		lower[row] = low < least ? least : low;
		upper[row] = high < least ? least : high;
	}
}
