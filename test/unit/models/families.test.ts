import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileModelRegistry } from "../../../src/adapters/onnx/registry.ts";
import { DEFAULT_CATALOGUE } from "../../../src/config/default-catalogue.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import type { Model } from "../../../src/core/model/model.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { FAMILIES } from "../../../training/command/options.ts";
import { APP, inputsOf, LATENCY, requestFor, STEP_SECONDS, STEPS, valuesOf } from "../prediction/world.ts";

const FEATURES = 5;
const OUTPUTS = 9;
const DIRECTORY = fileURLToPath(new URL("../../../models/families", import.meta.url));

/** Rows of the test split, and what Python's onnxruntime answered when the model was trained. */
function golden(family: string): Record<"input" | "answers", Float32Array> {
	const all = JSON.parse(readFileSync(new URL("families-golden.json", import.meta.url), "utf8")) as Record<
		string,
		Record<"input" | "answers", string>
	>;
	const decode = (text = "") => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
	return { input: decode(all[family]?.input), answers: decode(all[family]?.answers) };
}

describe.each(FAMILIES)("an exported model of the family %s", (family) => {
	let registry: FileModelRegistry;
	let model: Model;

	beforeAll(async () => {
		const catalogue = new MetricStore(DEFAULT_CATALOGUE, { steps: STEPS, stepSeconds: STEP_SECONDS });
		registry = await FileModelRegistry.open({ catalogue, directory: DIRECTORY });
		const resolution = registry.resolve({ kind: "File", name: family }, LATENCY);
		if (resolution.refused) throw new Error(resolution.message);
		model = resolution.model;
	});
	afterAll(() => registry.close());

	it.each(["Mean", "Max", "Min"] as const)("answers for the %s of the latency objective", (aggregate) => {
		expect(registry.resolve({ kind: "File", name: family }, { ...LATENCY, aggregate })).toMatchObject({
			refused: false,
		});
	});

	it("is refused for another horizon, direction and metric", () => {
		for (const other of [{ horizonSeconds: 600 }, { direction: "Maximize" }, { metric: "request_rate" }] as const) {
			expect(registry.resolve({ kind: "File", name: family }, { ...LATENCY, ...other })).toMatchObject({
				refused: true,
			});
		}
	});

	it("answers here as in Python, with ordered quantiles", async () => {
		const { input, answers } = golden(family);
		const here = await model.predict(input, answers.length / OUTPUTS);
		expect(here).toHaveLength(answers.length);
		answers.forEach((value, index) => expect(Math.abs((here[index] ?? Number.NaN) / value - 1)).toBeLessThan(1e-5));
		for (let at = 0; at < here.length; at += 3) {
			const quantiles = here.slice(at, at + 3);
			expect(quantiles).toEqual(quantiles.toSorted());
		}
	});

	it("is free of scale", async () => {
		const { input, answers } = golden(family);
		await fc.assert(
			// Powers of two change no digit: the answers of trees jump at thresholds.
			fc.asyncProperty(fc.integer({ min: -9, max: 9 }), async (exponent) => {
				const unit = 2 ** exponent;
				const other = input.map((value, index) => (index % FEATURES === 0 ? value * unit : value));
				const scaled = await model.predict(other, answers.length / OUTPUTS);
				answers.forEach((value, index) => expect((scaled[index] ?? Number.NaN) / (unit * value)).toBeCloseTo(1, 4));
			}),
			{ numRuns: 20 },
		);
	});

	it("predicts for a pod of another app, where it is and elsewhere", async () => {
		const inputs = inputsOf({
			nodes: { here: { cpu: 1.6 }, busy: { cpu: 2.4 }, idle: { cpu: 1 } },
			workloads: {
				[APP]: { latency: [0.09, 0.1, 0.11, 0.1, 0.09, 0.1, 0.12, 0.1, 0.09, 0.1], workload_cpu_usage: 0.4 },
			},
		});
		const request = requestFor(model, ["here", "busy", "idle"], { currentNodes: new Map([["here", 1]]) });
		const [result] = await predict([request], inputs);
		const { here = Number.NaN, busy = Number.NaN, idle = Number.NaN } = valuesOf(result);
		expect(here).toBeGreaterThan(0.07);
		expect(here).toBeLessThan(0.15);
		expect(busy).toBeGreaterThan(idle);
	});
});
