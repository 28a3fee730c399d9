import { Calibration } from "../../../src/core/calibration/calibration.ts";
import { aggregated, PendingForecasts } from "../../../src/core/calibration/pending.ts";
import type { Node } from "../../../src/core/cluster/node.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import type { MetricDefinition } from "../../../src/core/metrics/metric.ts";
import { HISTORY_WINDOWS, MetricStore } from "../../../src/core/metrics/store.ts";
import type { Model } from "../../../src/core/model/model.ts";
import type { Aggregate, Objective } from "../../../src/core/policy/policy.ts";
import { basisOf } from "../../../src/core/prediction/calibration.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import { type Recording, ROW_SECONDS, type Row } from "./recording.ts";

const STEP_SECONDS = 30;
const STEPS = 10;
const HORIZON_STEPS = 10;
const ROWS_PER_STEP = STEP_SECONDS / ROW_SECONDS;
/** As in training. */
const NODE_CORES = 16;

const METRICS: readonly MetricDefinition[] = [
	{ name: "latency", scope: "Workload", unit: "seconds", min: 0, max: 3600 },
	{ name: "fps", scope: "Workload", unit: "frames_per_second", min: 0, max: 1e4 },
	{ name: "node_cpu_usage", scope: "Node", unit: "cores", min: 0, max: 4096 },
];

/** What a controller sees of a recording before anything was measured. */
export function emptyStore(): MetricStore {
	return new MetricStore(METRICS, {
		steps: STEPS,
		historySteps: HISTORY_WINDOWS * STEPS,
		stepSeconds: STEP_SECONDS,
	});
}

export function objective(aggregate: Aggregate): Objective {
	return {
		metric: "latency",
		direction: "Minimize",
		target: undefined,
		horizonSeconds: HORIZON_STEPS * STEP_SECONDS,
		aggregate,
	};
}

/** A prediction as it was issued and before calibration, with what came true and what persistence would have said. */
export interface Scored {
	readonly issued: Prediction;
	readonly raw: Prediction;
	readonly actual: number;
	readonly persistence: number;
}

/** The part of a recording to live through, as rows: measured from a while before `from`, scored from `scored` on. */
export interface Part {
	readonly phase: number;
	readonly from: number;
	readonly scored: number;
}

/**
 * Lives through every sixth row of a recording as a controller would: measures, predicts where the app is,
 * and calibrates by what became of earlier predictions once their horizon has passed.
 */
export async function* live(
	{ start, rows, cluster }: Recording,
	{ model, aggregate }: { readonly model: Model; readonly aggregate: Aggregate },
	{ phase, from, scored }: Part,
): AsyncGenerator<Scored> {
	const workload: WorkloadKey = `pipelines/${cluster}`;
	const currentNodes = new Map([[cluster, 1]]);
	const nodes = new Map<string, Node>([[cluster, nodeOf(cluster)]]);
	const policy = { objective: objective(aggregate) };
	const metrics = emptyStore();
	const [calibration, pending] = [new Calibration(), new PendingForecasts()];
	const place = { currentNodes, settledSince: undefined };
	const first = from - HISTORY_WINDOWS * STEPS * ROWS_PER_STEP;
	for (let index = first - (first % ROWS_PER_STEP) + phase; index < rows.length; index += ROWS_PER_STEP) {
		const now = (start + index * ROW_SECONDS) * 1000;
		const row = rows[index];
		if (row) metrics.ingest(samplesOf(row, workload, cluster, now), now);
		for (const outcome of pending.resolve(metrics, () => place, now)) calibration.learn(outcome);
		if (index < from || !row || Number.isNaN(row.latency)) continue;
		const request = { workload, policy, model, nodes: [cluster], currentNodes, cpuRequest: 1, replicas: 1 };
		const [result] = await predict([request], {
			cluster: { nodes },
			metrics,
			ledger: new Ledger(),
			now,
			calibrator: calibration,
		});
		if (!result?.known || !result.here) continue;
		const basis = basisOf(model.reference, policy.objective);
		pending.add({ workload, basis, objective: policy.objective, here: result.here, at: now, ...place }, STEP_SECONDS);
		const actual = index < scored ? undefined : outcomeAfter(rows, index, aggregate);
		if (actual === undefined) continue;
		const { raw, calibrated: issued } = result.here;
		yield { issued, raw, actual, persistence: row.latency };
	}
}

function samplesOf(row: Row, workload: WorkloadKey, node: string, at: number) {
	return [
		{ metric: "latency", entity: workload, at, value: row.latency },
		{ metric: "fps", entity: workload, at, value: row.framesPerSecond },
		{ metric: "node_cpu_usage", entity: node, at, value: row.cpu },
	];
}

/** The aggregate over the horizon after a row; `undefined` where less than half of it was recorded. */
function outcomeAfter(rows: readonly (Row | undefined)[], index: number, aggregate: Aggregate): number | undefined {
	if (index + HORIZON_STEPS * ROWS_PER_STEP >= rows.length) return undefined;
	const values = Array.from(
		{ length: HORIZON_STEPS },
		(_, step) => rows[index + (step + 1) * ROWS_PER_STEP]?.latency ?? Number.NaN,
	).filter((value) => !Number.isNaN(value));
	return values.length > HORIZON_STEPS / 2 ? aggregated(values, aggregate) : undefined;
}

function nodeOf(name: string): Node {
	return { name, labels: {}, taints: [], unschedulable: false, ready: true, allocatable: { cpu: NODE_CORES } };
}
