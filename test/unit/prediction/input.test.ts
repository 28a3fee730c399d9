import { expect, it } from "vitest";
import type { Model } from "../../../src/core/model/model.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { feature, recorder } from "./recorder.ts";
import { APP, inputsOf, NOW, requestFor, STEP_SECONDS } from "./world.ts";

/** Power of a node, measured 2 steps, 1 step and 0 steps ago. */
function power(entity: string, values: readonly number[]) {
	return values.map((value, step) => ({
		metric: "node_power",
		entity,
		at: NOW - (values.length - 1 - step) * STEP_SECONDS * 1000,
		value,
	}));
}

it("gives a model the newest steps of its features, row by row and step by step", async () => {
	const model = recorder(
		[
			feature("node_power", "Node"),
			feature("latency", "Workload"),
			feature("node_relative_speed", "Node"),
			feature("node_cpu_utilization_after_move", "Pair"),
			feature("workload_cpu_demand", "Workload"),
		],
		2,
	);
	const inputs = inputsOf({
		nodes: { a: { cpu: 2 }, b: { cpu: 1, speed: 0.5 } },
		workloads: { [APP]: { latency: [9, 9, 9, 9, 9, 9, 9, 9, 0.5, 0.25], workload_cpu_usage: 1 } },
	});
	inputs.metrics.ingest([...power("a", [10, 20, 30]), ...power("b", [40, 50, 60])], NOW);
	inputs.ledger.reserve({ id: "1", workload: "other/app", node: "a", requests: {}, cpuCores: 1, createdAt: NOW });
	await predict([requestFor(model, ["b", "a"], { currentNodes: new Map([["a", 1]]) })], inputs);
	expect(model.inputs).toEqual([
		[
			[50, 0.5, 0.5, (1 + 1 / 0.5) / 4, 1],
			[60, 0.25, 0.5, (1 + 1 / 0.5) / 4, 1],
			[20, 0.5, 1, (2 + 1) / 4, 1],
			[30, 0.25, 1, (2 + 1) / 4, 1],
		].flat(),
	]);
});

it("widens by how far a feature is outside the range seen in training", async () => {
	const model = recorder([feature("node_power", "Node", 40)], 2);
	const inputs = inputsOf({ nodes: { a: {}, b: {} } });
	inputs.metrics.ingest([...power("a", Array(10).fill(40)), ...power("b", Array(10).fill(50))], NOW);
	const [result] = await predict([requestFor(model, ["a", "b"])], inputs);
	if (!result?.known) throw new Error(result?.message);
	const { lower, upper, extrapolated } = result.table;
	expect([...extrapolated]).toEqual([0, 1]);
	// A quarter of the range outside: twice as wide.
	expect([...upper]).toEqual([2, 3]);
	expect(lower[0]).toBe(0.5);
	// From twice the reciprocal to three times.
	expect(lower[1]).toBeCloseTo(1 / 3, 6);
});

it("is Unknown when a metric of the workload that the model needs is", async () => {
	const model = recorder([feature("latency", "Workload")], 2);
	const nodes = { a: { cpu: 1 } };
	const [absent] = await predict([requestFor(model, ["a"])], inputsOf({ nodes }));
	expect(absent).toMatchObject({ known: false, reason: "MetricsAbsent", message: expect.stringContaining("latency") });
	const latency = [1, 1, 1, 1, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];
	const [stale] = await predict([requestFor(model, ["a"])], inputsOf({ nodes, workloads: { [APP]: { latency } } }));
	expect(stale).toMatchObject({ known: false, reason: "MetricsStale" });
	expect(model.inputs).toEqual([]);
});

it("lets a bound end at what the metric can be, and takes a value below for Unknown", async () => {
	const model = recorder([feature("node_power", "Node")], 2);
	const outputs = Float32Array.of(-3, 0.5, 1, -3, -2, 1);
	const negative: Model = { ...model, predict: () => Promise.resolve(outputs) };
	const inputs = inputsOf({ nodes: { a: {}, b: {} } });
	inputs.metrics.ingest([...power("a", Array(10).fill(1)), ...power("b", Array(10).fill(1))], NOW);
	const [result] = await predict([requestFor(negative, ["a", "b"])], inputs);
	if (!result?.known) throw new Error(result?.message);
	const { lower, value, upper } = result.table;
	expect([lower[0], value[0], upper[0]]).toEqual([0, 0.5, 1]);
	expect([lower[1], value[1], upper[1]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
