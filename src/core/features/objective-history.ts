import { type EstimateInputs, settledHistory, settledValues } from "./observed.ts";
import { serviceTime, serviceTimes } from "./service-time.ts";
import type { Situation } from "./situation.ts";
import { fillGaps, median, type WindowQuality } from "./window.ts";

/** A column of a model's input, and what it is worth. */
export interface HistoryColumn extends WindowQuality {
	/** `metrics.steps` values, oldest first. */
	readonly values: Float32Array;
	/** How far it is from what a model was trained on: 1 where the history is only supposed. */
	readonly excess: number;
}

/**
 * What an objective to minimize would have been on an idle node of speed 1, by step of the window; times a
 * node's slowdown over its speed it is the objective there. An app that was never measured is supposed to have
 * had the service time that its target suggests, which counts as far outside of any training.
 */
export function idleObjective(situation: Situation, inputs: EstimateInputs): HistoryColumn {
	const measured = Float64Array.from(serviceTimes(situation, inputs));
	const values = new Float32Array(measured.length);
	const quality = fillGaps(measured, { values, offset: 0 });
	if (quality.state !== "Absent") return { ...quality, values, excess: 0 };
	const supposed = serviceTime(situation, inputs);
	if (!supposed) return { ...quality, values, excess: 0 };
	return { state: "Known", missing: 1, values: values.fill(supposed.value), excess: 1 };
}

/** What stands for a part of the history, of its known values; `undefined` without any. */
export type Summary = (values: readonly number[]) => number | undefined;

export const SUMMARIES: ReadonlyMap<string, Summary> = new Map<string, Summary>([
	["objective_history_median", median],
	["objective_history_max", (values) => (values.length > 0 ? Math.max(...values) : undefined)],
]);

/**
 * The longer history of the objective relative to its window: as many parts as a window has steps, each
 * summarized, over the median of the window. Parts without a measurement take over from the next older one, the
 * oldest from the next newer; without any all are 1.
 */
export function relativeHistory(summarize: Summary, situation: Situation, inputs: EstimateInputs): Float32Array {
	const { metric } = situation.objective;
	const parts = inputs.metrics.steps;
	const history = settledHistory(metric, situation, inputs);
	const level = median(settledValues(metric, situation, inputs).filter((value) => !Number.isNaN(value)));
	const size = history.length / parts;
	const summaries = Float64Array.from({ length: parts }, (_, part) => {
		const values = history.slice(Math.floor(part * size), Math.floor((part + 1) * size));
		return (summarize(values.filter((value) => !Number.isNaN(value))) ?? Number.NaN) / (level ?? Number.NaN);
	});
	const values = new Float32Array(parts);
	const { state } = fillGaps(summaries, { values, offset: 0 });
	return state === "Known" ? values : values.fill(1);
}
