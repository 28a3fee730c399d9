/** A value older than this many steps no longer counts as current. */
export const MAX_STALE_STEPS = 2;

/** Rates look back over two steps: for so long after a change a measurement mixes what is with what was. */
export const MIXED_STEPS = 2;

/** `Known`: usable, gaps filled; `Absent`: no value at all; `Stale`: the newest is too old. */
export type WindowState = "Known" | "Absent" | "Stale";

/** What a window is worth. */
export interface WindowQuality {
	readonly state: WindowState;
	/** Share of steps without a measurement, 0 to 1. */
	readonly missing: number;
}

/** Where a filled window goes: `window.length` values from `offset` on. */
export interface WindowTarget {
	readonly values: Float32Array;
	readonly offset: number;
}

/**
 * Copies a window and fills its gaps (NaN): the last known value is carried forward, the first known
 * one stands for the steps before it. What is absent or stale becomes NaN altogether.
 */
export function fillGaps(window: Float64Array, target: WindowTarget): WindowQuality {
	const steps = window.length;
	let newest = -1;
	let missing = 0;
	let last = Number.NaN;
	for (let step = steps - 1; step >= 0; step -= 1) {
		const value = window[step] as number;
		if (Number.isNaN(value)) {
			missing += 1;
		} else {
			if (newest < 0) newest = step;
			last = value;
		}
	}
	const { values, offset } = target;
	if (newest < 0 || steps - 1 - newest > MAX_STALE_STEPS) {
		values.fill(Number.NaN, offset, offset + steps);
		return { state: newest < 0 ? "Absent" : "Stale", missing: missing / steps };
	}
	for (let step = 0; step < steps; step += 1) {
		const value = window[step] as number;
		if (!Number.isNaN(value)) last = value;
		values[offset + step] = last;
	}
	return { state: "Known", missing: missing / steps };
}

/** The median; `undefined` of nothing. */
export function median(values: readonly number[]): number | undefined {
	const sorted = values.toSorted((left, right) => left - right);
	const middle = sorted.length >> 1;
	const upper = sorted[middle];
	const lower = sorted[middle - 1];
	if (upper === undefined) return undefined;
	return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}
