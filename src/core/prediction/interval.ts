/** How much wider the interval becomes per unit of excess: five times as wide a full range outside. */
const WIDENING_PER_EXCESS = 4;

/**
 * Factor on both halves of an interval: for inputs outside the training range (`excess`, a share of the
 * range) and for steps that were not measured (`missing`, a share of the window).
 *
 * | excess | missing | factor |
 * |---|---|---|
 * | 0 | 0 | 1 |
 * | 0.1 | 0 | 1.4 |
 * | 1 | 0 | 5 |
 * | 0 | 0.5 | 1.5 |
 */
export function widening(excess: number, missing: number): number {
	return (1 + WIDENING_PER_EXCESS * excess) * (1 + missing);
}

/**
 * The lower half width, times a factor. Where it becomes wider it is the reciprocal that is stretched, of what lies
 * above the least that the metric can be: twice the interval of a latency is twice as many requests per second, never
 * a request that takes no time. The upper half is stretched as it is.
 *
 *     factor > 1: half -> room * factor * half / (room - half + factor * half)
 *
 * | room | half | factor | stretched |
 * |---|---|---|---|
 * | 100 | 20 | 0.5 | 10 |
 * | 100 | 20 | 2 | 33.3 |
 * | 100 | 20 | 10 | 71.4 |
 * | infinite | 20 | 2 | 40 |
 *
 * @param room from the least that the metric can be to the value; infinite where there is no least
 */
export function stretchedBelow(half: number, factor: number, room: number): number {
	if (factor <= 1 || room === Number.POSITIVE_INFINITY) return Math.min(factor * half, room);
	return half < room ? (room * factor * half) / (room - half + factor * half) : room;
}
