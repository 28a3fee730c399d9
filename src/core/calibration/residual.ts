/**
 * Relative errors of predictions as logarithms of actual over predicted: free of units, and as large for
 * twice as for half.
 */
const LIMIT = Math.log(4);

/** An error counts at most so many spreads more than is usual. */
const OUTLYING = 2.5;

/** Windows (horizons that do not overlap) that the mean remembers, at 5 minutes 4 hours, and the spread. */
const MEMORY = 48;
const SPREAD_MEMORY = 12;

/**
 * Windows that each window of outlying errors takes from the memory: one outlier in twenty leaves it
 * long, an hour of nothing else means that all is different now.
 */
const FORGOTTEN = 4;

/** Relative error to expect before anything is known, and the least that is ever expected. */
const FIRST_SPREAD = 0.2;
const LEAST_SPREAD = 0.01;

/** Running mean of relative errors. */
export interface Residual {
	/** Mean logarithm of actual over predicted. */
	mean: number;
	/** Mean absolute deviation from it. */
	spread: number;
	/** Windows that it rests on, at most MEMORY. */
	weight: number;
}

export function newResidual(): Residual {
	return { mean: 0, spread: FIRST_SPREAD, weight: 0 };
}

/** The logarithm of actual over predicted, within [-LIMIT, LIMIT]; `undefined` where no ratio can be formed. */
export function relativeError(actual: number, predicted: number): number | undefined {
	const ratio = actual / predicted;
	if (predicted === 0 || !Number.isFinite(ratio)) return undefined;
	return ratio > 0 ? within(Math.log(ratio), LIMIT) : -LIMIT;
}

/** Takes an error in. `windows`: how much news it is, 1 being a window that shares nothing with earlier ones. */
export function addError(residual: Residual, error: number, windows: number): void {
	const limit = OUTLYING * Math.max(residual.spread, LEAST_SPREAD);
	const deviation = within(error - residual.mean, limit);
	residual.mean += (windows / (residual.weight + windows)) * deviation;
	// The first spread counts as one window, or a single error would say all there is to know.
	const spreadGain = windows / (Math.min(residual.weight, SPREAD_MEMORY) + 1 + windows);
	residual.spread += spreadGain * (Math.abs(deviation) - residual.spread);
	const weight = residual.weight + windows;
	const isOutlying = Math.abs(deviation) === limit;
	residual.weight = isOutlying ? Math.max(weight - FORGOTTEN * windows, Math.min(weight, 1)) : Math.min(MEMORY, weight);
}

/** Standard deviation over mean absolute deviation of normal errors. */
const SIGMA_PER_SPREAD = 1.2533;

/**
 * The mean, in so far as it is more than chance: the positive part of James and Stein's shrinkage (1961) by
 * `evidence` squared standard errors. A mean of one standard error or less counts for nothing with 2, one of five
 * for 92 %: predictions without a bias are not made worse by what noise looks like.
 */
export function significantMean({ mean, spread, weight }: Residual, evidence: number): number {
	if (mean === 0) return 0;
	const variance = (SIGMA_PER_SPREAD * spread) ** 2 / weight;
	return mean * Math.max(0, 1 - (evidence * variance) / mean ** 2);
}

export function within(value: number, limit: number): number {
	return Math.max(-limit, Math.min(limit, value));
}
