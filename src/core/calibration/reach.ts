import type { Prediction } from "../prediction/prediction.ts";
import { within } from "./residual.ts";

/**
 * How far the ends of an interval must reach, learned online: adaptive conformal inference (Gibbs and
 * Candès, NeurIPS 2021) in the form of quantile tracking (Angelopoulos, Candès and Tibshirani, Conformal
 * PID Control, NeurIPS 2023). After each outcome
 *
 *     log factor += step * (missed - MISS)
 *
 * so that over n outcomes the share of misses differs from MISS by at most (range of the log factor) /
 * (n * step), whatever the errors are like, late outcomes included. The scale that it starts from follows the
 * sizes of errors, which tell of a change sooner than misses do.
 */

/** Each end of a 90 % interval is missed so often. */
const MISS = 0.05;

/** Mean absolute error over half width of a right 90 % interval of normal errors: sqrt(2 / pi) / 1.645. */
const USUAL_SCALE = 0.485;

/** Errors above so many times the usual are taken for as many. */
const OUTLYING = 4;

/** Windows remembered of the scale, and how many the more general one counts for. */
const MEMORY = 16;
const PRIOR_WINDOWS = 3;

/** Factors stay within 2^-6 to 2^6. */
const LIMIT = 6 * Math.LN2;

/** Logarithms of the factors on both half widths. */
export interface Reach {
	lower: number;
	upper: number;
}

/** With the mean absolute error as a share of the half width. */
export interface ScaledReach extends Reach {
	scale: number;
	/** Windows that the scale rests on. */
	weight: number;
}

export function newScaledReach(): ScaledReach {
	return { lower: 0, upper: 0, scale: USUAL_SCALE, weight: 0 };
}

/** Logarithm of the factor that errors of a size call for, next to a more general scale. */
export function scaleOf({ scale, weight }: Pick<ScaledReach, "scale" | "weight">, general = USUAL_SCALE): number {
	return (weight * scale + PRIOR_WINDOWS * general) / (weight + PRIOR_WINDOWS);
}

export function logScale(scale: number): number {
	return within(Math.log(scale / USUAL_SCALE), LIMIT);
}

/** Takes a missed or held interval in. `step`: how far a miss moves the end, as a logarithm. */
export function track(reach: Reach, { lower, upper }: Prediction, actual: number, step: number): void {
	reach.lower = within(reach.lower + step * (Number(actual < lower) - MISS), LIMIT);
	reach.upper = within(reach.upper + step * (Number(actual > upper) - MISS), LIMIT);
}

/** Takes the size of an error in: `error` as a share of the half width that it lies on. */
export function addScale(reach: ScaledReach, error: number, windows: number): void {
	const gain = windows / (reach.weight + PRIOR_WINDOWS + windows);
	reach.scale += gain * (Math.min(error, OUTLYING * reach.scale) - reach.scale);
	reach.weight = Math.min(MEMORY, reach.weight + windows);
}
