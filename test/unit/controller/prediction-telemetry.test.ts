import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { PredictionTelemetry } from "../../../src/controller/prediction-telemetry.ts";

const POLICY = { namespace: "shop", name: "latency" };
const ISSUED = { value: 100, lower: 90, upper: 110 };

function telemetry() {
	const registry = new Registry();
	return { registry, predictions: new PredictionTelemetry(registry) };
}

it("exports coverage and error by policy, however many workloads and nodes there are", async () => {
	const { registry, predictions } = telemetry();
	for (const actual of [95, 105, 100, 150]) predictions.followedUp(POLICY, { issued: ISSUED, actual });
	predictions.promiseMeasured({ ...POLICY, name: "other" }, { promised: 80, measured: 100 });
	const text = await registry.metrics();
	expect(text).toContain('kubectl_qos_interval_coverage_ratio{namespace="shop",policy="latency"} 0.75');
	expect(text).toContain('kubectl_qos_prediction_error_ratio_count{namespace="shop",policy="latency"} 4');
	expect(text).toContain('kubectl_qos_prediction_error_ratio_bucket{le="0.2",namespace="shop",policy="other"} 1');
	expect(text).toContain('kubectl_qos_prediction_error_ratio_bucket{le="0.15",namespace="shop",policy="other"} 0');
});

it("forgets policies that are gone", async () => {
	const { registry, predictions } = telemetry();
	predictions.followedUp(POLICY, { issued: ISSUED, actual: 100 });
	predictions.promiseMeasured({ ...POLICY, name: "other" }, { promised: 80, measured: 100 });
	predictions.forget(new Map([["shop/latency", {}]]));
	expect(await registry.metrics()).toContain("policy=");
	predictions.forget(new Map());
	expect(await registry.metrics()).not.toContain("policy=");
});

it("makes no ratio of nothing", async () => {
	const { registry, predictions } = telemetry();
	predictions.promiseMeasured(POLICY, { promised: 80, measured: 0 });
	expect(await registry.metrics()).not.toContain("kubectl_qos_prediction_error_ratio_count{");
});
