/**
 * How a node's load shapes what runs on it: the curves behind the built-in `headroom` model and behind
 * the features that infer what an app would do on an idle node.
 *
 * | utilization | slowdown | delivered share |
 * |---|---|---|
 * | 0 | 1 | 1 |
 * | 0.5 | 2 | 1.00 |
 * | 0.8 | 5 | 0.98 |
 * | 0.95 | 20 | 0.94 |
 * | 1 | 40 | 0.92 |
 * | 2 | 440 | 0.50 |
 */

/** Utilization from where the slowdown goes on along its tangent: it never becomes infinite. */
export const SATURATION = 0.95;

/** Slope of 1 / (1 - u) at SATURATION. */
export const SATURATED_SLOPE = 1 / (1 - SATURATION) ** 2;

/**
 * Response time over service time at a CPU utilization (1 = all cores busy): 1 / (1 - u), the M/M/1
 * processor-sharing queue (Kleinrock, Queueing Systems II, 1976), and its tangent past SATURATION.
 */
export function slowdown(utilization: number): number {
	const served = Math.min(utilization, SATURATION);
	return 1 / (1 - served) + SATURATED_SLOPE * (utilization - served);
}

/**
 * Share of its undisturbed rate that an app still delivers at a CPU utilization: a smooth
 * min(1, 1 / u), since past 1 the cores are shared in proportion.
 */
export function deliveredShare(utilization: number): number {
	return (1 + Math.max(utilization, 0) ** 8) ** (-1 / 8);
}
