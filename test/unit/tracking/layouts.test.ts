import { describe, expect, test } from "vitest";
import type { TrackingLayout } from "../../../src/core/policy/policy.ts";
import { runOf } from "../../../src/core/tracking/layout.ts";
import { NodeOrder } from "../../../src/core/tracking/node-order.ts";
import type { Tracked } from "../../../src/core/tracking/run.ts";
import { CORDONED, candidate, NOW, predicted } from "../recommendation/builders.ts";
import { tracked } from "./tracked.ts";

const MAXIMIZE = { metric: "fps", direction: "Maximize", target: undefined } as const;
const MINIMIZE = { metric: "latency", direction: "Minimize", target: 0.2 } as const;

const QOS = [candidate("b", predicted(22, 1)), candidate("a", predicted(26, 1)), candidate("c", undefined)];
const LATENCIES = [candidate("b", predicted(0.25, 0.01)), candidate("a", predicted(0.05, 0.01))];

function run(what: Tracked, layout: TrackingLayout, nodes: readonly string[] = []) {
	const { metrics, ...rest } = runOf(what, layout, { order: new NodeOrder(nodes), team: "team" });
	return { ...rest, metrics: Object.fromEntries(metrics) };
}

describe("cloudedge", () => {
	test("has the original's names, the best place, and nothing where nothing is known", () => {
		const made = run(tracked(QOS, { objective: MAXIMIZE, unit: "frames_per_second" }), "cloudedge");
		expect(made).toMatchObject({ experiment: "predictor", name: undefined, startTime: NOW, status: "FINISHED" });
		expect(made.metrics).toEqual({
			qos_0: 26,
			qos_1: 22,
			max_qos: 26,
			std_dev: expect.closeTo(Math.sqrt(8)),
			population_std_dev: 2,
		});
		expect(made.params).toEqual({ max_qos_index: "0" });
		expect(made.tags).toMatchObject({
			"kubectl-qos.dev/nodes": '["a","b","c"]',
			"kubectl-qos.dev/unknown": "1 of 3 nodes (c)",
			"kubectl-qos.dev/workload": "shop/web",
			"kubectl-qos.dev/unit": "frames_per_second",
		});
		expect(made.tags).not.toHaveProperty("kubectl-qos.dev/turned");
	});

	test("indices follow the configured nodes, there or not, then names", () => {
		const made = run(tracked(QOS, { objective: MAXIMIZE }), "cloudedge", ["b", "gone", "a"]);
		expect(made.metrics).toMatchObject({ qos_0: 22, qos_2: 26 });
		expect(made.params).toEqual({ max_qos_index: "2" });
		expect(made.tags["kubectl-qos.dev/nodes"]).toBe('["b","","a","c"]');
	});

	test("an objective to minimize is turned around, so that the largest stays the best", () => {
		const made = run(tracked(LATENCIES, { objective: MINIMIZE, unit: "milliseconds" }), "cloudedge");
		expect(made.metrics).toMatchObject({ qos_0: -0.00005, qos_1: -0.00025, max_qos: -0.00005 });
		expect(made.params).toEqual({ max_qos_index: "0" });
		expect(made.tags).toMatchObject({ "kubectl-qos.dev/turned": "true", "kubectl-qos.dev/unit": "seconds" });
	});

	test("names no place that is not feasible", () => {
		const cordoned = candidate("a", predicted(26, 1), { verdict: CORDONED });
		const made = run(tracked([cordoned, candidate("b", predicted(22, 1))], { objective: MAXIMIZE }), "cloudedge");
		expect(made.metrics).toMatchObject({ qos_0: 26, qos_1: 22, max_qos: 22 });
		expect(made.params).toEqual({ max_qos_index: "1" });
	});

	test("one value has no sample deviation", () => {
		const made = run(tracked([candidate("a", predicted(26))], { objective: MAXIMIZE }), "cloudedge");
		expect(made.metrics).toEqual({ qos_0: 26, max_qos: 26, population_std_dev: 0 });
	});
});

describe("reactive", () => {
	test("has latencies in seconds, and the worst place, by which the run is known to be whole", () => {
		const slow = [candidate("b", predicted(250, 10)), candidate("a", predicted(50, 10))];
		const made = run(tracked(slow, { objective: MINIMIZE, unit: "milliseconds" }), "reactive");
		expect(made).toMatchObject({ experiment: "web", name: "team", status: "FINISHED" });
		expect(made.metrics).toEqual({ qos_0: 0.05, qos_1: 0.25, max_qos: 0.25, max_idx: 1 });
		expect(made.params).toEqual({ cluster_0: "a", cluster_1: "b" });
		expect(made.marks).toEqual({ max_cluster: "b" });
	});
});

describe("proactive", () => {
	test.each([
		["Mean", "avg_qos_"],
		["Max", "max_qos_"],
	] as const)("has the %s over the horizon as %s{i}", (aggregate, prefix) => {
		const made = run(tracked(LATENCIES, { objective: { ...MINIMIZE, aggregate } }), "proactive");
		expect(made).toMatchObject({ experiment: "web", name: "team" });
		expect(made.metrics).toEqual({ [`${prefix}0`]: 0.05, [`${prefix}1`]: 0.25 });
		expect(made.params).toEqual({ cluster_0: "a", cluster_1: "b" });
		expect(made.marks).toEqual({ last_stage_completed: "qos-upload" });
	});
});

describe("native", () => {
	test("has intervals by node, as the objective has them", () => {
		const made = run(tracked(LATENCIES, { objective: MINIMIZE }), "native");
		expect(made).toMatchObject({ experiment: "kubectl-qos", name: "shop/web", status: "FINISHED" });
		expect(made.metrics).toEqual({
			"predicted/a": 0.05,
			"lower/a": 0.04,
			"upper/a": 0.06,
			"predicted/b": 0.25,
			"lower/b": 0.24,
			"upper/b": 0.26,
			measured: 0.25,
		});
		expect(made.params).toMatchObject({ metric: "latency", best_node: "a", current_node: "b", target: "0.2" });
	});
});

describe("nothing is known", () => {
	const unknown = { action: "Unknown", reason: "MetricsAbsent", message: "latency is not measured" } as const;
	const silent = tracked([candidate("a", undefined), candidate("b", undefined)], { evaluation: { decision: unknown } });

	test.each(["cloudedge", "reactive", "proactive", "native"] as const)(
		"%s: no value, no mark, and a tag says why",
		(layout) => {
			const made = run(silent, layout);
			expect(made.status).toBe("FAILED");
			expect(Object.keys(made.metrics).filter((key) => key !== "measured")).toEqual([]);
			expect(made.marks).toEqual({});
			expect(made.tags["kubectl-qos.dev/unknown"]).toBe("2 of 2 nodes (a, b): latency is not measured");
		},
	);
});
