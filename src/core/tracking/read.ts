import { isFromFuture } from "../clock-skew.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { RecordedAnswer, RecordedValue } from "../model/model.ts";
import type { Objective, PredictionsSelector } from "../policy/policy.ts";
import { duration } from "../recommendation/format.ts";
import { experimentFor } from "./experiment.ts";
import { readerOf } from "./layout.ts";
import type { Indexed } from "./layouts/reading.ts";
import type { RunRecord, Runs } from "./record.ts";
import { LAYOUT_DIRECTIONS, scaleOf } from "./scale.ts";
import { TAG_PREFIX } from "./tags.ts";

/** What is asked of the runs of an experiment. */
export interface Question {
	readonly selector: PredictionsSelector;
	readonly workload: WorkloadKey;
	readonly objective: Objective;
	/** Of the objective's metric. */
	readonly unit: string;
	/** Values outside of it are Unknown. */
	readonly range: { readonly min: number; readonly max: number };
	/** ms since the epoch. */
	readonly now: number;
}

/** Where the predictions for a workload are looked for. */
export function experimentOf({ layout, experiment }: PredictionsSelector, workload: WorkloadKey): string {
	return experiment ?? experimentFor(layout, workload);
}

/**
 * The newest run that is of the layout, finished, ready, of this workload and within the window, as predictions; or why
 * there is none. A newer run that is not usable for one of these reasons is passed over, one whose values are not
 * usable is not: it is what there is to know.
 */
export function latestPredictions({ runs, problem }: Runs, question: Question): RecordedAnswer {
	const { selector, workload } = question;
	const experiment = experimentOf(selector, workload);
	const trouble = problem === undefined ? "" : `; ${problem}`;
	if (!runs) return nothing(`predictions of experiment ${experiment} were not read yet${trouble}`);
	const passedOver = new Map<string, number>();
	for (const run of runs) {
		const objection = objectionTo(run, question);
		if (objection === undefined) return predictionsOf(run, question);
		passedOver.set(objection, (passedOver.get(objection) ?? 0) + 1);
	}
	const window = duration(selector.windowSeconds * 1000);
	const found = Array.from(passedOver, ([objection, count]) => `${count} ${objection}`).join(", ");
	const what = found === "" ? "no run" : `no run to go by (${found})`;
	return nothing(`experiment ${experiment} has ${what} of the last ${window}${trouble}`);
}

/** Why a run does not count; `undefined` when it does. */
function objectionTo(run: RunRecord, { selector, workload, now }: Question): string | undefined {
	const of = run.tags.get(`${TAG_PREFIX}workload`);
	if (of !== undefined && of !== workload) return "of another app";
	if (selector.run !== undefined && run.name !== selector.run) return "of another name";
	if (isFromFuture(run.startedAt, now)) {
		return `from the future, by ${duration(run.startedAt - now)}: check the clock of who saves it`;
	}
	if (run.startedAt < now - selector.windowSeconds * 1000) return "too old";
	if (run.status !== "FINISHED") return "not finished";
	return readerOf(selector.layout).objection(run);
}

function predictionsOf(run: RunRecord, question: Question): RecordedAnswer {
	const { selector, objective, unit, range } = question;
	const { layout } = selector;
	const indexed = readerOf(layout).values(run, question);
	if (typeof indexed === "string") return nothing(`run ${run.id} ${indexed}`);
	const isTurned = run.tags.get(`${TAG_PREFIX}turned`) === "true";
	if (layout !== "native" && (LAYOUT_DIRECTIONS[layout] === objective.direction) === isTurned) {
		const better = LAYOUT_DIRECTIONS[layout] === "Maximize" ? "more" : "less";
		return nothing(
			`in layout ${layout} ${better} is better${isTurned ? " turned around" : ""}, but the objective ${objective.metric} is to ${objective.direction}; set objective.direction or another layout`,
		);
	}
	const factor = layout === "native" ? 1 : scaleOf(layout, { unit, direction: objective.direction }).factor;
	const values = new Map<string, RecordedValue>();
	for (const { name, ...prediction } of indexed) {
		const scaled = inUnit(prediction, factor);
		if (scaled.value >= range.min && scaled.value <= range.max) values.set(name, scaled);
	}
	if (values.size === 0)
		return nothing(`run ${run.id} has no value of layout ${layout} that ${objective.metric} can have`);
	return { known: true, run: run.id, madeAt: run.startedAt, isActedUpon: run.isAnalysed, values };
}

function inUnit({ value, lower, upper }: Omit<Indexed, "name">, factor: number): RecordedValue {
	const isInterval = lower !== undefined && upper !== undefined && lower <= value && value <= upper;
	return { value: value / factor, ...(isInterval && { lower: lower / factor, upper: upper / factor }) };
}

function nothing(message: string): RecordedAnswer {
	return { known: false, message };
}
