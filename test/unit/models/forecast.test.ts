import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileModelRegistry } from "../../../src/adapters/onnx/registry.ts";
import { DEFAULT_CATALOGUE } from "../../../src/config/default-catalogue.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import type { Model } from "../../../src/core/model/model.ts";
import type { Objective } from "../../../src/core/policy/policy.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { APP, inputsOf, LATENCY, requestFor, STEP_SECONDS, STEPS, valuesOf } from "../prediction/world.ts";

const WINDOW = 10;
const FEATURES = 5;
const OUTPUTS = 9;

interface Golden {
	readonly input: Float32Array;
	readonly output: Float32Array;
}

/** What Python's onnxruntime answered when the model was trained. */
function golden(): Golden {
	const file = new URL("forecast-golden.json", import.meta.url);
	const { input, output } = JSON.parse(readFileSync(file, "utf8")) as { input: string; output: string };
	const decode = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
	return { input: decode(input), output: decode(output) };
}

describe("forecast", () => {
	let registry: FileModelRegistry;
	let model: Model;

	function resolve(objective: Objective) {
		return registry.resolve({ kind: "Builtin", name: "forecast" }, objective);
	}

	beforeAll(async () => {
		const catalogue = new MetricStore(DEFAULT_CATALOGUE, { steps: STEPS, stepSeconds: STEP_SECONDS });
		registry = await FileModelRegistry.open({ catalogue });
		const resolution = resolve(LATENCY);
		if (resolution.refused) throw new Error(resolution.message);
		model = resolution.model;
	});
	afterAll(() => registry.close());

	it.each(["Mean", "Max", "Min"] as const)(
		"answers for the %s of any objective to minimize, with the shipped metrics",
		(aggregate) => {
			expect(resolve({ ...LATENCY, aggregate })).toMatchObject({ refused: false });
			expect(resolve({ ...LATENCY, metric: "request_rate", aggregate })).toMatchObject({ refused: false });
		},
	);

	it("is refused where it cannot answer", () => {
		expect(resolve({ ...LATENCY, horizonSeconds: 600 })).toMatchObject({ refused: true, reason: "SchemaMismatch" });
		expect(resolve({ ...LATENCY, metric: "fps", direction: "Maximize" })).toMatchObject({
			refused: true,
			reason: "NotFound",
			message: expect.stringContaining("headroom") as string,
		});
	});

	it("says the ranges that it was trained in", () => {
		const ranges = model.metadata.features.map(({ name, min, max }) => [
			name,
			Number.isFinite(min) && Number.isFinite(max),
		]);
		expect(Object.fromEntries(ranges)).toEqual({
			objective_after_move: false,
			node_cpu_utilization_after_move: true,
			fps: false,
			objective_history_median: true,
			objective_history_max: true,
		});
		const [, utilization] = model.metadata.features;
		expect(utilization?.min).toBeGreaterThanOrEqual(0);
		expect(utilization?.max).toBeLessThan(1);
	});

	it("answers here as in Python", async () => {
		const { input, output } = golden();
		const answers = await model.predict(input, output.length / OUTPUTS);
		expect(answers).toHaveLength(output.length);
		output.forEach((value, index) => expect(Math.abs((answers[index] ?? Number.NaN) / value - 1)).toBeLessThan(1e-5));
	});

	it("gives ordered quantiles for recorded windows", async () => {
		const { input, output } = golden();
		const answers = await model.predict(input, output.length / OUTPUTS);
		for (let at = 0; at < answers.length; at += 3) {
			const [lower = Number.NaN, middle = Number.NaN, upper = Number.NaN] = answers.slice(at, at + 3);
			expect([lower, middle, upper]).toEqual([lower, middle, upper].toSorted((left, right) => left - right));
		}
	});

	it("is free of scale", async () => {
		const { input, output } = golden();
		const scaled = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
		await fc.assert(
			fc.asyncProperty(scaled, scaled, async (unit, rateUnit) => {
				const other = input.map((value, index) => {
					const feature = index % FEATURES;
					return feature === 0 ? value * unit : feature === 2 ? value * rateUnit : value;
				});
				const answers = await model.predict(other, output.length / OUTPUTS);
				// Ratios of the last bit's size matter little: the rate's deviations are in thousandths.
				output.forEach((value, index) => expect((answers[index] ?? Number.NaN) / (unit * value)).toBeCloseTo(1, 1));
			}),
			{ numRuns: 30 },
		);
	});

	it("says of an app that never changed that it stays about the same", async () => {
		const row = Array.from({ length: WINDOW }, () => [0.08, 0.4, 1, 1, 1]).flat();
		const answers = await model.predict(Float32Array.from(row), 1);
		for (const answer of answers) {
			expect(answer).toBeGreaterThan(0.04);
			expect(answer).toBeLessThan(0.16);
		}
	});

	it("prefers, for an app of another kind, the idle node over the busy one", async () => {
		const inputs = inputsOf({
			nodes: { here: { cpu: 2.4 }, busy: { cpu: 3 }, idle: { cpu: 0.4 }, fast: { cpu: 0.4, speed: 2 } },
			workloads: { [APP]: { latency: [9, 10, 11, 10, 9, 10, 12, 10, 9, 10], workload_cpu_usage: 0.4 } },
		});
		const request = requestFor(model, ["here", "busy", "idle", "fast"], { currentNodes: new Map([["here", 1]]) });
		const [result] = await predict([request], inputs);
		const values = valuesOf(result);
		expect(values["here"]).toBeGreaterThan(8);
		expect(values["here"]).toBeLessThan(13);
		expect(values["busy"]).toBeGreaterThan(values["here"] ?? Number.NaN);
		expect(values["idle"]).toBeLessThan(values["here"] ?? Number.NaN);
		expect(values["fast"]).toBeLessThan(values["idle"] ?? Number.NaN);
	});

	it("is less certain outside of what it was trained on", async () => {
		const latency = [9, 10, 11, 10, 9, 10, 12, 10, 9, 10];
		const width = async (cpu: number) => {
			const inputs = inputsOf({ nodes: { a: { cpu } }, workloads: { [APP]: { latency } } });
			const [result] = await predict([requestFor(model, ["a"], { currentNodes: new Map([["a", 1]]) })], inputs);
			if (!result?.known) throw new Error(result?.message);
			const { value, lower, upper, extrapolated } = result.table;
			return {
				width: ((upper[0] ?? Number.NaN) - (lower[0] ?? Number.NaN)) / (value[0] ?? Number.NaN),
				extrapolated: extrapolated[0],
			};
		};
		const [inside, outside] = [await width(2), await width(3.9)];
		expect(inside.extrapolated).toBe(0);
		expect(outside.extrapolated).toBe(1);
		expect(outside.width).toBeGreaterThan(1.3 * inside.width);
	});
});
