/** What a slot of a series holds. */
export const SlotState = { Empty: 0, Known: 1, NotFinite: 2, OutOfRange: 3 } as const;
export type SlotState = (typeof SlotState)[keyof typeof SlotState];

/** Memory of many series in a few large arrays: tens of thousands of small ones would cost more than they hold. */
interface Slab {
	readonly values: Float64Array;
	readonly times: Float64Array;
	readonly states: Uint8Array;
}

/**
 * The last `steps` slots of one series, oldest first, the last one at step `head`. Time moves the
 * content, so that a window is read without a copy.
 */
export class Series {
	/** Values in the metric's unit; NaN where nothing is known. */
	readonly values: Float64Array;
	/** True time of each slot's sample, ms since the epoch. */
	readonly times: Float64Array;
	readonly states: Uint8Array;
	/** Index of the step in the last slot. */
	head = 0;
	/** Time of the newest known value, kept when its slot has left; 0: none yet. */
	newestKnown = 0;

	constructor(slab: Slab, row: number, steps: number) {
		this.values = slab.values.subarray(row * steps, (row + 1) * steps);
		this.times = slab.times.subarray(row * steps, (row + 1) * steps);
		this.states = slab.states.subarray(row * steps, (row + 1) * steps);
	}

	/** Empties the series and puts its last slot at step `head`. */
	reset(head: number): void {
		this.head = head;
		this.newestKnown = 0;
		this.clear(0);
	}

	/** Moves the last slot to step `head`; an earlier one changes nothing. */
	advance(head: number): void {
		const by = head - this.head;
		if (by <= 0) return;
		this.head = head;
		const steps = this.values.length;
		if (by >= steps) return this.clear(0);
		this.values.copyWithin(0, by);
		this.times.copyWithin(0, by);
		this.states.copyWithin(0, by);
		this.clear(steps - by);
	}

	/** The clock was set back: what was measured after step `head` is dropped, and with it the time of the newest value. */
	rewind(head: number): void {
		const by = this.head - head;
		if (by <= 0) return;
		this.head = head;
		const steps = this.values.length;
		if (by < steps) {
			this.values.copyWithin(by, 0);
			this.times.copyWithin(by, 0);
			this.states.copyWithin(by, 0);
		}
		this.clear(0, Math.min(by, steps));
		this.newestKnown = 0;
		for (let slot = 0; slot < steps; slot++) {
			if (this.states[slot] === SlotState.Known) this.newestKnown = Math.max(this.newestKnown, this.times[slot] ?? 0);
		}
	}

	private clear(from: number, to?: number): void {
		this.values.fill(Number.NaN, from, to);
		this.times.fill(0, from, to);
		this.states.fill(SlotState.Empty, from, to);
	}
}

const ROWS_PER_SLAB = 256;

/** Hands out series of one length and takes them back. */
export class SeriesPool {
	private readonly free: Series[] = [];
	private readonly steps: number;

	constructor(steps: number) {
		this.steps = steps;
	}

	take(head: number): Series {
		if (this.free.length === 0) this.grow();
		const series = this.free.pop();
		if (!series) throw new RangeError("the pool did not grow");
		series.reset(head);
		return series;
	}

	giveBack(series: Series): void {
		this.free.push(series);
	}

	private grow(): void {
		const length = ROWS_PER_SLAB * this.steps;
		const slab = {
			values: new Float64Array(length),
			times: new Float64Array(length),
			states: new Uint8Array(length),
		};
		for (let row = ROWS_PER_SLAB - 1; row >= 0; row--) this.free.push(new Series(slab, row, this.steps));
	}
}
