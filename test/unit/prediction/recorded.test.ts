import { beforeEach, describe, expect, test } from "vitest";
import { policyConditions } from "../../../src/controller/policy-conditions.ts";
import { Calibration } from "../../../src/core/calibration/calibration.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import { type Evaluated, evaluate } from "../../../src/core/pipeline.ts";
import type { PredictionsSelector } from "../../../src/core/policy/policy.ts";
import { basisOf } from "../../../src/core/prediction/calibration.ts";
import type { Memory } from "../../../src/core/recommendation/memory.ts";
import type { RunRecord, RunSource } from "../../../src/core/tracking/record.ts";
import { RecordedModels } from "../../../src/core/tracking/recorded-models.ts";
import {
	admit,
	boundPod,
	CART,
	NOW,
	newPlacer,
	policy,
	type TestView,
	viewOf,
	workload,
	ZONE,
} from "../admission/world.ts";
import { record, selector } from "../tracking/records.ts";

const MINUTE = 60_000;
const NONE = {
	resolve: () => ({ refused: true, reason: "NotFound", message: "no such model" }) as const,
};

/** Runs as a tracker holds them, in memory. */
class Tracker implements RunSource {
	runs: RunRecord[] = [];
	newest() {
		return { runs: this.runs, problem: undefined };
	}
	analysed(runId: string) {
		this.runs = this.runs.map((run) => (run.id === runId ? { ...run, isAnalysed: true } : run));
	}
}

let tracker: Tracker;
let view: TestView;
let calibration: Calibration;
let memories: Map<WorkloadKey, Memory>;

beforeEach(() => {
	tracker = new Tracker();
	calibration = new Calibration();
	memories = new Map();
	view = newView();
});

function newView(chosen: PredictionsSelector = selector("reactive")): TestView {
	const nodes = { edge: { cpu: 1, labels: { [ZONE]: "far" } }, cloud: { cpu: 1, labels: { [ZONE]: "near" } } };
	const made = viewOf(nodes, NONE);
	made.cluster.policies.set("shop/fast", policy({ mode: "Auto", model: chosen }));
	made.cluster.workloads.set(CART, workload({ replicas: 1, availableReplicas: 1 }));
	made.cluster.podsByWorkload.set(CART, new Set([boundPod("p1", "edge", { createdAt: NOW - 60 * MINUTE })]));
	measure(made, NOW);
	const recorded = new RecordedModels({ source: tracker, catalogue: made.metrics });
	const models: ModelRegistry = {
		resolve: (asked, objective) => (asked.kind === "Predictions" ? recorded.resolve(asked, objective) : NONE.resolve()),
	};
	return { ...made, models };
}

function measure({ metrics }: TestView, now: number): void {
	metrics.ingest([{ metric: "latency", entity: CART, at: now, value: 0.25 }], now);
}

async function look(now = NOW): Promise<Evaluated> {
	measure(view, now);
	const inputs = { ...view, now, calibrator: calibration, memories, remembers: true, isSelected: () => true };
	const [one] = await evaluate(inputs);
	if (!one) throw new Error("nothing was evaluated");
	memories.set(CART, one.memory);
	return one;
}

/** Horizons whose predictions were followed up: they erred by a hundredth. */
function follow(windows: number): void {
	const { objective } = policy();
	const basis = basisOf({ name: "predictions", version: "reactive", sha256: "" }, objective);
	for (let window = windows; window > 0; window -= 1) {
		const at = NOW - window * objective.horizonSeconds * 1000;
		const raw = { value: 0.25, lower: 0.225, upper: 0.275 };
		const actual = window % 2 === 0 ? 0.2525 : 0.2475;
		const outcome = { workload: CART, node: "edge", basis, raw, issued: raw, actual, at };
		calibration.learn({ ...outcome, horizonSeconds: objective.horizonSeconds });
	}
}

function run(id: string, startedAt: number, metrics = { qos_0: 0.25, qos_1: 0.05, max_qos: 0.25, max_idx: 0 }) {
	return record({ id, startedAt, metrics });
}

describe("predictions that something else made", () => {
	test("are shown, but move nobody, until enough of their errors is known", async () => {
		tracker.runs = [run("r1", NOW - MINUTE)];
		follow(8);
		const { evaluation } = await look();
		expect(evaluation.current.predicted?.value).toBeCloseTo(0.25);
		expect(evaluation.recommended?.node).toBe("cloud");
		expect(evaluation.decision).toEqual({
			action: "Unknown",
			reason: "PredictionUnknown",
			message: "predictions reactive have no interval yet: 8 of 9 horizons were followed up",
		});
	});

	test("move an app once three runs in a row say so, by an interval as wide as their errors", async () => {
		follow(9);
		const decisions: string[] = [];
		for (let minute = 0; minute < 15; minute += 1) {
			const now = NOW + minute * MINUTE;
			// A run every five minutes, looked at every minute.
			if (minute % 5 === 0) tracker.runs = [run(`r${minute}`, now), ...tracker.runs];
			decisions.push((await look(now)).evaluation.decision.action);
		}
		expect(decisions.indexOf("Move")).toBeGreaterThanOrEqual(5);
		expect(decisions.indexOf("Move")).toBeLessThanOrEqual(10);
		const predicted = (await look(NOW + 15 * MINUTE)).evaluation.recommended?.predicted;
		expect((predicted?.upper ?? 1) - (predicted?.lower ?? 0)).toBeLessThan(0.02);
	});

	test("that were acted on move nobody again, but place pods that come", async () => {
		follow(9);
		for (const minute of [0, 5, 10]) {
			tracker.runs = [run(`r${minute}`, NOW + minute * MINUTE), ...tracker.runs];
			await look(NOW + minute * MINUTE);
		}
		const now = NOW + 10 * MINUTE;
		const one = await look(now);
		expect(one.evaluation.decision.action).toBe("Move");
		one.request?.model.recorded?.actedUpon(CART, now);
		expect(tracker.runs.map(({ isAnalysed }) => isAnalysed)).toEqual([true, false, false]);
		expect((await look(now)).evaluation.decision).toMatchObject({
			action: "Unknown",
			message: "run r10 was acted on already (analysed = True)",
		});
		const placed = await admit(newPlacer(), { ...view, calibrator: calibration, now }, 1);
		expect(placed).toMatchObject([{ kind: "Place", node: "cloud" }]);
	});

	test("do not place a pod that comes, before enough of their errors is known", async () => {
		tracker.runs = [run("r1", NOW)];
		const placed = await admit(newPlacer(), { ...view, calibrator: calibration }, 1);
		expect(placed).toMatchObject([{ kind: "Skip", reason: "PredictionUnknown" }]);
	});

	test("of a node that nobody knows, or by its zone", async () => {
		follow(9);
		tracker.runs = [record({ startedAt: NOW, params: { cluster_0: "moon", cluster_1: "mars", max_cluster: "moon" } })];
		expect((await look()).evaluation.decision).toEqual({
			action: "Unknown",
			reason: "PredictionUnknown",
			message:
				"run r1 speaks of none of 2 candidate nodes but of moon, mars; make its names those of nodes, or of values of placement.topologyKey",
		});
		tracker.runs = [record({ startedAt: NOW, params: { cluster_0: "far", cluster_1: "near", max_cluster: "far" } })];
		const { placement } = policy();
		const zoned = {
			mode: "Auto",
			model: selector("reactive"),
			placement: { ...placement, topologyKey: ZONE },
		} as const;
		view.cluster.policies.set("shop/fast", policy(zoned));
		expect((await look()).evaluation.recommended).toMatchObject({ node: "cloud", domain: "near" });
	});

	test("of the present place only: nothing else is known, so it stays", async () => {
		follow(9);
		tracker.runs = [run("r1", NOW - MINUTE, { qos_0: 0.25, qos_1: Number.NaN, max_qos: 0.25, max_idx: 0 })];
		const { evaluation } = await look();
		expect(evaluation.current.predicted?.value).toBeCloseTo(0.25);
		expect(evaluation.recommended).toBeUndefined();
		expect(evaluation.decision.action).not.toBe("Move");
	});

	test("that are too old by now: Unknown, with a line", async () => {
		follow(9);
		tracker.runs = [run("r1", NOW - 9 * MINUTE)];
		expect((await look()).evaluation.candidates.predictions).toBeDefined();
		expect((await look(NOW + 2 * MINUTE)).evaluation.decision).toEqual({
			action: "Unknown",
			reason: "PredictionUnknown",
			message: "experiment cart has no run to go by (1 too old) of the last 10m",
		});
	});

	test("with intervals of their own are trusted at once", async () => {
		view = newView(selector("native"));
		const metrics = { "predicted/edge": 0.25, "lower/edge": 0.24, "upper/edge": 0.26, "predicted/cloud": 0.05 };
		tracker.runs = [
			record({ startedAt: NOW, metrics: { ...metrics, "lower/cloud": 0.04, "upper/cloud": 0.06 }, params: {} }),
		];
		const { decision } = (await look()).evaluation;
		expect(decision).toMatchObject({ action: "Stay", reason: "Stabilizing" });
	});

	test("that are missing are in the policy's condition", async () => {
		const ready = () => policyConditions(view)[0]?.conditions[0];
		expect(ready()).toMatchObject({
			status: "False",
			reason: "PredictionsMissing",
			message: "experiment cart has no run of the last 10m; 1 of 1 Deployments stay where they are until then",
		});
		tracker.runs = [run("r1", NOW)];
		expect(ready()).toMatchObject({ status: "True", reason: "InForce" });
	});

	test("without a tracker are refused in one line", () => {
		const models = new RecordedModels({ source: undefined, catalogue: view.metrics });
		expect(models.resolve(selector("reactive"), policy().objective)).toEqual({
			refused: true,
			reason: "Unreachable",
			message: "predictions are to be read from MLflow, which is not configured; set mlflow.trackingUri",
		});
	});
});
