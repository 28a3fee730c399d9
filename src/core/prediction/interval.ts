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
