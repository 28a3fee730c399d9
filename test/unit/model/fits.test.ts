import { describe, expect, it } from "vitest";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import { fits, outputIndex } from "../../../src/core/model/fits.ts";
import type { ModelMetadata } from "../../../src/core/model/model.ts";
import { LATENCY, METRICS, STEP_SECONDS, STEPS } from "../prediction/world.ts";

const catalogue = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });

const METADATA: ModelMetadata = {
	schema: "kubectl-qos.dev/model/v1",
	name: "trees",
	version: "3",
	window: 10,
	stepSeconds: 30,
	horizonSeconds: 300,
	features: [
		{ name: "node_cpu_usage", unit: "cores", scope: "Node", min: 0, max: 16 },
		{ name: "latency", unit: "seconds", scope: "Workload", min: 0, max: 1 },
		{ name: "node_relative_speed", unit: "ratio", scope: "Node", min: 0.1, max: 10 },
	],
	outputs: [0.05, 0.5, 0.95].map((quantile) => ({ aggregate: "Mean", quantile })),
	target: { metric: "latency", unit: "seconds", direction: "Minimize" },
};

function withFeature(feature: Partial<ModelMetadata["features"][number]>): Partial<ModelMetadata> {
	return { features: [{ name: "node_power", unit: "watts", scope: "Node", min: 0, max: 1, ...feature }] };
}

describe("fits", () => {
	it("accepts a model whose contract is met", () => {
		expect(fits(METADATA, LATENCY, catalogue)).toBeUndefined();
		expect(fits({ ...METADATA, ...withFeature({}) }, LATENCY, catalogue)).toBeUndefined();
	});

	it("accepts any metric, unit, step and horizon where the model leaves them open", () => {
		const target = { metric: "*", unit: "*", direction: "Minimize" } as const;
		const open = { ...METADATA, target, stepSeconds: undefined, horizonSeconds: undefined };
		expect(fits(open, { ...LATENCY, metric: "node_power", horizonSeconds: 7 }, catalogue)).toBeUndefined();
	});

	it.each<[string, Partial<ModelMetadata>, string, RegExp]>([
		["direction", { target: { ...METADATA.target, direction: "Maximize" } }, "SchemaMismatch", /Maximize.*Minimize/],
		["metric", { target: { ...METADATA.target, metric: "fps" } }, "SchemaMismatch", /predicts fps.*latency/],
		["unit", { target: { ...METADATA.target, unit: "ms" } }, "UnitMismatch", /in ms.*in seconds/],
		["step", { stepSeconds: 5 }, "SchemaMismatch", /steps of 5 s.*steps of 30 s/],
		["window", { window: 11 }, "SchemaMismatch", /11 steps.*10 are kept/],
		["horizon", { horizonSeconds: 60 }, "SchemaMismatch", /60 s ahead.*300 s/],
		["quantile", { outputs: METADATA.outputs.slice(1) }, "SchemaMismatch", /Mean at quantile 0.05;/],
		["feature", withFeature({ name: "moon_phase" }), "SchemaMismatch", /moon_phase.*configuration/],
		["feature scope", withFeature({ scope: "Workload" }), "SchemaMismatch", /per Workload.*per Node/],
		["feature unit", withFeature({ unit: "joules" }), "UnitMismatch", /in joules.*in watts/],
		[
			"feature direction",
			withFeature({ name: "workload_nominal_rate", unit: "*", scope: "Workload" }),
			"SchemaMismatch",
			/workload_nominal_rate exists only for objectives to Maximize/,
		],
	])("refuses another %s in one line that names the model", (_, change, reason, message) => {
		const refusal = fits({ ...METADATA, ...change }, LATENCY, catalogue);
		expect(refusal).toMatchObject({ refused: true, reason, message: expect.stringMatching(message) });
		expect(refusal?.message).toMatch(/^model trees 3: .+; .+$/);
	});

	it("refuses an aggregate that the model has no output for", () => {
		const refusal = fits(METADATA, { ...LATENCY, aggregate: "Max" }, catalogue);
		expect(refusal?.message).toContain("no output for aggregate Max at quantile 0.05, 0.5, 0.95");
	});

	it("refuses an objective that is not measured", () => {
		const target = { ...METADATA.target, metric: "*" };
		const refusal = fits({ ...METADATA, target }, { ...LATENCY, metric: "happiness" }, catalogue);
		expect(refusal?.message).toContain("happiness is not in the metric catalogue");
	});
});

it("finds the output column by aggregate and quantile", () => {
	expect(outputIndex(METADATA, "Mean", 0.95)).toBe(2);
	expect(outputIndex(METADATA, "Max", 0.95)).toBe(-1);
});
