/**
 * Relative errors of predictions as logarithms of actual over predicted, so that they are free of units,
 * and as large for twice as for half. Robust: an error counts at most LIMIT, and at most OUTLYING spreads
 * more than is usual.
 */
const LIMIT = Math.log(4);
const OUTLYING = 3;

/** Windows (horizons that do not overlap) that are remembered: at 5 minutes, 80 minutes. */
const MEMORY = 16;

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
	const gain = windows / (residual.weight + windows);
	const usual = Math.max(residual.spread, LEAST_SPREAD);
	const deviation = within(error - residual.mean, OUTLYING * usual);
	residual.mean += gain * deviation;
	// The first spread counts as one window, or a single error would say all there is to know.
	residual.spread += (windows / (residual.weight + 1 + windows)) * (Math.abs(deviation) - residual.spread);
	residual.weight = Math.min(MEMORY, residual.weight + windows);
}

export function within(value: number, limit: number): number {
	return Math.max(-limit, Math.min(limit, value));
}
