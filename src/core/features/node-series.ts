import { fillGaps, type WindowState } from "./window.ts";

/** One node's raw window, the factor that brings it into the feature's unit, and its age in seconds. */
export interface NodeWindow {
	readonly window: Float64Array;
	readonly scale: number;
	readonly age: number | undefined;
}

/** Windows of one quantity for all nodes, gaps filled, row by row as they are asked for. */
export class NodeSeries {
	/** Row-major `[nodes, steps]`, oldest step first; NaN is Unknown. */
	readonly values: Float32Array;
	/** Smallest and largest value of each row. */
	readonly lowest: Float32Array;
	readonly highest: Float32Array;
	/** Share of steps without a measurement, 0 to 1. */
	readonly missing: Float32Array;
	readonly steps: number;
	/** Age in seconds of the newest sample of all rows read so far. */
	newestAge: number | undefined;
	private readonly states: (WindowState | undefined)[];
	private readonly readRow: (row: number) => NodeWindow;

	constructor(size: number, steps: number, readRow: (row: number) => NodeWindow) {
		this.steps = steps;
		this.values = new Float32Array(size * steps);
		this.lowest = new Float32Array(size);
		this.highest = new Float32Array(size);
		this.missing = new Float32Array(size);
		this.states = Array.from({ length: size });
		this.readRow = readRow;
	}

	/** Reads a row unless it was read before, and says what it is worth. */
	state(row: number): WindowState {
		return this.states[row] ?? this.read(row);
	}

	/** A row's values; read it first. */
	window(row: number): Float32Array {
		return this.values.subarray(row * this.steps, (row + 1) * this.steps);
	}

	private read(row: number): WindowState {
		const { window, scale, age } = this.readRow(row);
		const offset = row * this.steps;
		const { state, missing } = fillGaps(window, { values: this.values, offset });
		let lowest = Number.POSITIVE_INFINITY;
		let highest = Number.NEGATIVE_INFINITY;
		for (let index = offset; index < offset + this.steps; index += 1) {
			const value = (this.values[index] as number) * scale;
			this.values[index] = value;
			lowest = Math.min(lowest, value);
			highest = Math.max(highest, value);
		}
		this.lowest[row] = lowest;
		this.highest[row] = highest;
		this.missing[row] = missing;
		if (age !== undefined) this.newestAge = Math.min(this.newestAge ?? age, age);
		this.states[row] = state;
		return state;
	}
}
