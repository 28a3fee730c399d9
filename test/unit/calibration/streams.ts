import type { Calibration } from "../../../src/core/calibration/calibration.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import type { CalibrationSubject } from "../../../src/core/prediction/calibration.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import { predictionAt } from "../../../src/core/prediction/prediction.ts";

export const BASIS = "model 1 abc Mean latency 300";
const STEP_MS = 30_000;
/** Steps of a horizon: every prediction shares most of its window with its neighbours. */
export const HORIZON = 10;

/** A reproducible stream of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Standard normal numbers (Box and Muller). */
export function normal(next: () => number): () => number {
	return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

export interface Place {
	readonly workload?: WorkloadKey;
	readonly node?: string;
	/** Where it runs; default: on `node`. */
	readonly on?: readonly string[];
	readonly least?: number;
}

export function subject({
	workload = "shop/cart",
	node = "a",
	on = [node],
	least = 0,
}: Place = {}): CalibrationSubject {
	return { workload, basis: BASIS, currentNodes: new Map(on.map((name) => [name, 1])), least };
}

/** One prediction, calibrated for `node`. */
export function calibrated(calibration: Calibration, raw: Prediction, place: Place = {}): Prediction {
	const table = {
		nodes: [place.node ?? "a"],
		value: Float32Array.of(raw.value),
		lower: Float32Array.of(raw.lower),
		upper: Float32Array.of(raw.upper),
		extrapolated: new Uint8Array(1),
	};
	calibration.calibrate(subject(place), table);
	const prediction = predictionAt(table, 0);
	if (!prediction) throw new Error("calibration made a prediction Unknown");
	return prediction;
}

export interface Stream {
	readonly steps: number;
	/** What is measured at a step. */
	readonly measured: (step: number) => number;
	/** What the model says at a step, of the mean of the next HORIZON ones. */
	readonly predicted: (step: number, past: readonly number[]) => Prediction;
}

export interface Score {
	readonly coverage: number;
	readonly missedBelow: number;
	readonly missedAbove: number;
	readonly meanWidth: number;
	readonly meanAbsoluteError: number;
	/** Mean of actual - issued. */
	readonly meanError: number;
}

/**
 * Lives through a stream as the controller does: predicts at every step, and learns what came of a
 * prediction only when its horizon has passed. Scores what was issued from step `from` on.
 */
export function live(calibration: Calibration, stream: Stream, from: number, place: Place = {}): Score {
	const { workload = "shop/cart", node = "a" } = place;
	const past: number[] = [];
	const issued: { readonly raw: Prediction; readonly issued: Prediction }[] = [];
	const sums = { count: 0, below: 0, above: 0, width: 0, absolute: 0, error: 0 };
	for (let step = 0; step < stream.steps; step += 1) {
		past.push(stream.measured(step));
		const due = step - HORIZON;
		if (due >= 0) {
			const prediction = issued[due] as (typeof issued)[number];
			const actual = past.slice(due + 1, step + 1).reduce((sum, value) => sum + value, 0) / HORIZON;
			calibration.learn({
				workload,
				node,
				basis: BASIS,
				...prediction,
				actual,
				at: due * STEP_MS,
				horizonSeconds: 300,
			});
			if (due >= from) count(sums, prediction.issued, actual);
		}
		const raw = stream.predicted(step, past);
		issued.push({ raw, issued: calibrated(calibration, raw, place) });
	}
	return {
		coverage: 1 - (sums.below + sums.above) / sums.count,
		missedBelow: sums.below / sums.count,
		missedAbove: sums.above / sums.count,
		meanWidth: sums.width / sums.count,
		meanAbsoluteError: sums.absolute / sums.count,
		meanError: sums.error / sums.count,
	};
}

function count(
	sums: { count: number; below: number; above: number; width: number; absolute: number; error: number },
	issued: Prediction,
	actual: number,
): void {
	sums.count += 1;
	if (actual < issued.lower) sums.below += 1;
	if (actual > issued.upper) sums.above += 1;
	sums.width += issued.upper - issued.lower;
	sums.absolute += Math.abs(actual - issued.value);
	sums.error += actual - issued.value;
}

/** A prediction with an interval of so many times the value on both sides. */
export function around(value: number, share: number): Prediction {
	const half = Math.abs(value) * share;
	return { value, lower: value - half, upper: value + half };
}
