/**
 * Quantile of the standard normal distribution for `probability` in (0, 1).
 * Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.2.23: absolute error below 4.5e-4.
 */
export function normalQuantile(probability: number): number {
	if (probability > 0.5) return -normalQuantile(1 - probability);
	const t = Math.sqrt(-2 * Math.log(probability));
	const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
	const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
	return numerator / denominator - t;
}

/** The ends of a two-sided 90 % interval are so many standard deviations from its middle. */
export const INTERVAL_QUANTILE = normalQuantile(0.95);
