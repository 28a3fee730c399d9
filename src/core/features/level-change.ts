/** Steps that agree on a new level before it is one. */
const LEAST_STEPS = 2;

/** A change of level is a gap of so much of a node's CPU, ... */
const LEAST_GAP = 0.1;

/** ... and of so large a part of what the values on either side of it range over. */
const GAP_PER_RANGE = 0.5;

/**
 * The first step after the newest change of level in a window: all values from there on are above all before, or
 * below, by a clear gap. 0 without one.
 * @param window oldest step first; shares of a node's CPU
 */
export function levelChange(window: Float32Array): number {
	const steps = window.length;
	const before = new Extremes();
	// Of the steps before each split.
	const lowest = new Float32Array(steps);
	const highest = new Float32Array(steps);
	for (let step = 0; step < steps; step += 1) {
		lowest[step] = before.lowest;
		highest[step] = before.highest;
		before.add(window[step] as number);
	}
	const after = new Extremes();
	for (let step = steps - 1; step >= LEAST_STEPS; step -= 1) {
		after.add(window[step] as number);
		if (step > steps - LEAST_STEPS) continue;
		const [low, high] = [lowest[step] as number, highest[step] as number];
		const gap = Math.max(after.lowest - high, low - after.highest);
		const range = Math.max(high - low, after.highest - after.lowest);
		if (gap >= LEAST_GAP && gap >= GAP_PER_RANGE * range) return step;
	}
	return 0;
}

class Extremes {
	lowest = Number.POSITIVE_INFINITY;
	highest = Number.NEGATIVE_INFINITY;

	add(value: number): void {
		this.lowest = Math.min(this.lowest, value);
		this.highest = Math.max(this.highest, value);
	}
}
