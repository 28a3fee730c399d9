import { outputIndex } from "../../src/core/model/fits.ts";
import type { ModelMetadata } from "../../src/core/model/model.ts";
import { TARGETS, type TestSplit } from "./test-split.ts";

/** Of one aggregate over a split; errors and widths in the objective's unit. */
export interface AggregateFigures {
	/** Mean absolute error of the median. */
	readonly mae: number;
	/** The same of the newest value, taken as what stays. */
	readonly persistence: number;
	/** Share of values inside the 90 % interval. */
	readonly coverage: number;
	/** Mean width of that interval. */
	readonly width: number;
}

export interface Figures {
	/**
	 * Mean pinball loss (Koenker and Bassett, 1978) over the quantiles 0.05, 0.5 and 0.95 of all three aggregates, in the
	 * objective's unit: small when medians are right and intervals narrow and honest.
	 */
	readonly loss: number;
	readonly aggregates: Readonly<Record<(typeof TARGETS)[number], AggregateFigures>>;
}

const QUANTILES = [0.05, 0.5, 0.95] as const;

/** Figures of answers `[rows, outputs]` on a split; `undefined` when an aggregate has no 90 % interval. */
export function figuresOf(answers: Float32Array, metadata: ModelMetadata, split: TestSplit): Figures | undefined {
	const aggregates = TARGETS.map((aggregate, target) => {
		const columns = QUANTILES.map((quantile) => outputIndex(metadata, aggregate, quantile));
		return columns.includes(-1)
			? undefined
			: ofAggregate(answers, { columns, outputs: metadata.outputs.length, target }, split);
	});
	const [mean, max, min] = aggregates;
	if (!mean || !max || !min) return undefined;
	const loss = (mean.loss + max.loss + min.loss) / TARGETS.length;
	return { loss, aggregates: { Mean: mean.figures, Max: max.figures, Min: min.figures } };
}

function ofAggregate(
	answers: Float32Array,
	{
		columns,
		outputs,
		target,
	}: { readonly columns: readonly number[]; readonly outputs: number; readonly target: number },
	{ rows, targets, newest }: TestSplit,
): { readonly loss: number; readonly figures: AggregateFigures } {
	const sums = { loss: 0, mae: 0, persistence: 0, coverage: 0, width: 0 };
	for (let row = 0; row < rows; row += 1) {
		const actual = targets[row * TARGETS.length + target] ?? Number.NaN;
		const values = columns.map((column) => answers[row * outputs + column] ?? Number.NaN);
		const [lower = Number.NaN, middle = Number.NaN, upper = Number.NaN] = values;
		for (const [index, quantile] of QUANTILES.entries())
			sums.loss += pinball(quantile, actual - (values[index] ?? Number.NaN));
		sums.mae += Math.abs(actual - middle);
		sums.persistence += Math.abs(actual - (newest[row] ?? Number.NaN));
		sums.coverage += Number(actual >= lower && actual <= upper);
		sums.width += upper - lower;
	}
	const { loss, mae, persistence, coverage, width } = sums;
	return {
		loss: loss / rows / QUANTILES.length,
		figures: { mae: mae / rows, persistence: persistence / rows, coverage: coverage / rows, width: width / rows },
	};
}

function pinball(quantile: number, error: number): number {
	return error >= 0 ? quantile * error : (quantile - 1) * error;
}

/** Share of persistence's error that a model avoids: 1 is perfect, 0 no better, averaged over mean and max. */
export function skill({ aggregates: { Mean, Max } }: Figures): number {
	return 1 - (Mean.mae / Mean.persistence + Max.mae / Max.persistence) / 2;
}
