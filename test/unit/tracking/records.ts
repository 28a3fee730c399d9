import type { RecordedAnswer } from "../../../src/core/model/model.ts";
import type { Objective, PredictionsSelector, TrackingLayout } from "../../../src/core/policy/policy.ts";
import { latestPredictions, type Question } from "../../../src/core/tracking/read.ts";
import type { RunRecord } from "../../../src/core/tracking/record.ts";
import { NOW } from "../recommendation/builders.ts";

export const LATENCY: Objective = {
	metric: "latency",
	direction: "Minimize",
	target: 0.2,
	horizonSeconds: 300,
	aggregate: "Mean",
};

export function selector(layout: TrackingLayout, changes: Partial<PredictionsSelector> = {}): PredictionsSelector {
	return {
		kind: "Predictions",
		layout,
		experiment: undefined,
		run: undefined,
		windowSeconds: 600,
		nodes: [],
		...changes,
	};
}

interface RecordChanges extends Partial<Omit<RunRecord, "metrics" | "params" | "tags">> {
	readonly metrics?: Readonly<Record<string, number>>;
	readonly params?: Readonly<Record<string, string>>;
	readonly tags?: Readonly<Record<string, string>>;
}

/** A reactive run of a minute ago, as Scanflow's data-connector saves it: 0.25 s on edge, 0.05 s on cloud. */
export function record(changes: RecordChanges = {}): RunRecord {
	const { metrics, params, tags, ...rest } = changes;
	return {
		id: "r1",
		name: "team",
		status: "FINISHED",
		startedAt: NOW - 60_000,
		isAnalysed: false,
		...rest,
		metrics: new Map(Object.entries(metrics ?? { qos_0: 0.25, qos_1: 0.05, max_qos: 0.25, max_idx: 0 })),
		params: new Map(Object.entries(params ?? { cluster_0: "edge", cluster_1: "cloud", max_cluster: "edge" })),
		tags: new Map(Object.entries(tags ?? {})),
	};
}

export function answer(
	runs: readonly RunRecord[] | undefined,
	changes: Partial<Question> & { readonly problem?: string } = {},
): RecordedAnswer {
	const { problem, ...question } = changes;
	return latestPredictions(
		{ runs, problem },
		{
			selector: selector("reactive"),
			workload: "shop/web",
			objective: LATENCY,
			unit: "seconds",
			range: { min: 0, max: 3600 },
			now: NOW,
			...question,
		},
	);
}

/** The values by name of what must be known. */
export function values(found: RecordedAnswer): Readonly<Record<string, unknown>> {
	if (!found.known) throw new Error(found.message);
	return Object.fromEntries(found.values);
}
