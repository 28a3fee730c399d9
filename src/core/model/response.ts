/**
 * How a node's load shapes what runs on it: the curves behind the built-in `headroom` model and behind
 * the features that infer what an app would do on an idle node.
 */

/** Utilization from where the slowdown goes on along its tangent: it never becomes infinite. */
export const SATURATION = 0.95;

/** Slope of 1 / (1 - u) at SATURATION. */
export const SATURATED_SLOPE = 1 / (1 - SATURATION) ** 2;

/**
 * Response time over service time at a CPU utilization (1 = all cores busy): 1 / (1 - u), the M/M/1
 * processor-sharing queue (Kleinrock, Queueing Systems II, 1976), and its tangent past SATURATION.
 *
 * | utilization | 0 | 0.5 | 0.8 | 0.95 | 1 | 2 |
 * |---|---|---|---|---|---|---|
 * | slowdown | 1 | 2 | 5 | 20 | 40 | 440 |
 */
export function slowdown(utilization: number): number {
	const served = Math.min(utilization, SATURATION);
	return 1 / (1 - served) + SATURATED_SLOPE * (utilization - served);
}

/** From here on the delivered share stays at 1 / LARGEST_NEED: the eighth power must fit into a float32. */
export const LARGEST_NEED = 1e4;

/**
 * Share of its nominal rate that an app delivers when it needs `need` times the headroom there is: a
 * smooth min(1, 1 / need).
 *
 * | need | 0 | 0.5 | 0.8 | 1 | 1.25 | 2 |
 * |---|---|---|---|---|---|---|
 * | delivered share | 1 | 1.00 | 0.98 | 0.92 | 0.78 | 0.50 |
 */
export function deliveredShare(need: number): number {
	return (1 + Math.min(need, LARGEST_NEED) ** 8) ** (-1 / 8);
}
