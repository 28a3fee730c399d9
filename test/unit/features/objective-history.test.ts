import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeTable } from "../../../src/core/features/node-table.ts";
import {
	idleObjective,
	relativeHistory,
	SUMMARIES,
	type Summary,
} from "../../../src/core/features/objective-history.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import { slowdown } from "../../../src/core/model/response.ts";
import { APP, inputsOf, LATENCY, METRICS, NOW, STEP_SECONDS, STEPS } from "../prediction/world.ts";
import { ON_A, observe, situation } from "./situation.ts";

const MEDIAN = SUMMARIES.get("objective_history_median") as Summary;
const MAX = SUMMARIES.get("objective_history_max") as Summary;

/** An app with as long a history as given, oldest first, one value a step. */
function withHistory(values: readonly number[], historySteps = 40) {
	const inputs = inputsOf({ nodes: {} });
	const metrics = new MetricStore(METRICS, { steps: STEPS, historySteps, stepSeconds: STEP_SECONDS });
	const samples = values.map((value, index) => {
		return { metric: "latency", entity: APP, at: NOW - (values.length - 1 - index) * STEP_SECONDS * 1000, value };
	});
	metrics.ingest(samples, NOW);
	return { metrics, nodes: new NodeTable({ ...inputs, metrics }), now: NOW };
}

describe("relativeHistory", () => {
	it("sums up each part of the history over the median of the window", () => {
		const values = Array.from({ length: 40 }, (_, step) => (step < 30 ? 4 : 2) + (step === 5 ? 6 : 0));
		const inputs = withHistory(values);
		expect([...relativeHistory(MEDIAN, situation(), inputs)]).toEqual([2, 2, 2, 2, 2, 2, 2, 1.5, 1, 1]);
		expect([...relativeHistory(MAX, situation(), inputs)]).toEqual([2, 5, 2, 2, 2, 2, 2, 2, 1, 1]);
	});

	it("is free of scale", () => {
		const history = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 40, maxLength: 40 });
		fc.assert(
			fc.property(history, fc.double({ min: 0.1, max: 10, noNaN: true }), (values, factor) => {
				const scaled = values.map((value) => value * factor);
				const [one, other] = [values, scaled].map((all) => relativeHistory(MEDIAN, situation(), withHistory(all)));
				one?.forEach((value, part) => expect(value / (other?.[part] ?? Number.NaN)).toBeCloseTo(1, 4));
			}),
		);
	});

	it("reaches back to when its pods came to their nodes, and no further", () => {
		const inputs = withHistory(Array.from({ length: 40 }, (_, step) => (step < 32 ? 9 : 2)));
		const settledSince = NOW - 7 * STEP_SECONDS * 1000;
		expect([...relativeHistory(MAX, situation({ settledSince }), inputs)]).toEqual(Array(10).fill(1));
	});

	it("is 1 where nothing is known", () => {
		expect([...relativeHistory(MEDIAN, situation(), withHistory([]))]).toEqual(Array(10).fill(1));
	});
});

describe("idleObjective", () => {
	it("times the current node's slowdown over its speed is what was measured", () => {
		const utilization = fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { minLength: 10, maxLength: 10 });
		const latency = fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), { minLength: 10, maxLength: 10 });
		fc.assert(
			fc.property(utilization, latency, fc.double({ min: 0.2, max: 5, noNaN: true }), (used, measured, speed) => {
				const world = {
					nodes: { a: { cpu: used.map((share) => share * 4), speed } },
					workloads: { [APP]: { latency: measured } },
				};
				const { values, state, missing, excess } = idleObjective(situation(ON_A), observe(world));
				expect({ state, missing, excess }).toEqual({ state: "Known", missing: 0, excess: 0 });
				measured.forEach((value, step) => {
					const again = ((values[step] ?? Number.NaN) * slowdown(used[step] ?? Number.NaN)) / speed;
					expect(again / value).toBeCloseTo(1, 4);
				});
			}),
		);
	});

	it("is supposed from the target, as far from training as can be, of an app that was never measured", () => {
		const column = idleObjective(situation(), observe({ nodes: {} }));
		expect(column).toMatchObject({ state: "Known", missing: 1, excess: 1 });
		expect(column.values[0]).toBeCloseTo(0.1, 6);
	});

	it("is Unknown of an app that is no longer measured, or has neither measurements nor a target", () => {
		const latency = Array.from({ length: STEPS }, (_, step) => (step < 6 ? 0.2 : Number.NaN));
		const stale = observe({ nodes: { a: { cpu: 1 } }, workloads: { [APP]: { latency } } });
		expect(idleObjective(situation(ON_A), stale).state).toBe("Stale");
		const objective = { ...LATENCY, target: undefined };
		expect(idleObjective(situation({ objective }), observe({ nodes: {} })).state).toBe("Absent");
	});
});
