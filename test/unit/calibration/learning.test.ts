import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Learned } from "../../../src/core/calibration/learned.ts";
import { type FollowedUp, Learning } from "../../../src/core/calibration/learning.ts";
import { SPREAD } from "../../../src/core/calibration/outcome.ts";
import { subjectsOf } from "../../../src/core/evaluation/subject.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import type { ModelReference } from "../../../src/core/model/model.ts";
import type { Aggregate } from "../../../src/core/policy/policy.ts";
import { cluster, node, pod, policy, workload } from "../cluster-core/builders.ts";
import { around } from "./streams.ts";

const STEP_MS = 30_000;
const MODEL: ModelReference = { name: "model", version: "1", sha256: "0".repeat(64) };
const START = Date.UTC(2026, 0, 1);
const ALWAYS = () => true;

interface Life {
	readonly steps: number;
	readonly aggregate?: Aggregate;
	/** What is measured at a step; NaN: nothing. */
	readonly measured: (step: number) => number;
	/** Nodes of its pods at a step. */
	readonly on?: (step: number) => readonly string[];
	/** Steps at which it is predicted. */
	readonly predictedAt?: (step: number) => boolean;
	readonly utilization?: (node: string) => number;
	readonly speedLabels?: Readonly<Record<string, string>>;
	readonly learned?: Learned;
}

/** Collects at every step, predicts 100 +- 20 after it; returns what was followed up, with the step it came at. */
function live(life: Life): (FollowedUp & { readonly step: number })[] {
	const { aggregate = "Mean", on = () => ["a"], learned = new Learned() } = life;
	const metrics = new MetricStore(
		[
			{ name: "latency", scope: "Workload", unit: "ms", min: 0, max: 1e6 },
			{ name: "node_cpu_usage", scope: "Node", unit: "cores", min: 0, max: 1e6 },
		],
		{ steps: 10, stepSeconds: 30 },
	);
	const learning = new Learning(learned);
	const objective = { ...policy().objective, aggregate };
	const followed: (FollowedUp & { readonly step: number })[] = [];
	for (let step = 0; step < life.steps; step += 1) {
		const now = START + step * STEP_MS + 1_000;
		const pods = on(step).map((name, index) => {
			const since = sinceWhen(on, step);
			return pod(`web-${index}-${since}`, { nodeName: name, workload: "shop/web", createdAt: START + since * STEP_MS });
		});
		const nodes = ["a", "b"].map((name) => {
			const label = life.speedLabels?.[name];
			return node(name, label === undefined ? {} : { labels: { "kubectl-qos.dev/speed": label } });
		});
		const state = cluster({ nodes, pods, workloads: [workload("web")], policies: [policy({ objective })] });
		const samples = [{ metric: "latency", entity: "shop/web", at: now, value: life.measured(step) }];
		for (const { name } of nodes) {
			samples.push({ metric: "node_cpu_usage", entity: name, at: now, value: 4 * (life.utilization?.(name) ?? 0.5) });
		}
		metrics.ingest(samples, now);
		followed.push(...learning.collected({ cluster: state, metrics, now }).map((one) => ({ ...one, step })));
		if (life.predictedAt && !life.predictedAt(step)) continue;
		for (const subject of subjectsOf(state, ALWAYS)) {
			const here = { raw: around(100, 0.2), calibrated: around(100, 0.2) };
			learning.predicted({ subject, model: MODEL, here }, { metrics, now });
		}
	}
	return followed;
}

/** The step since which the pods are where they are. */
function sinceWhen(on: (step: number) => readonly string[], step: number): number {
	let since = step;
	while (since > 0 && JSON.stringify(on(since - 1)) === JSON.stringify(on(step))) since -= 1;
	return since;
}

const values = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 30, maxLength: 30 });

describe("predictions are followed up", () => {
	it("over exactly their horizon, when it has passed", () => {
		fc.assert(
			fc.property(values, fc.constantFrom<Aggregate>("Mean", "Max", "Min"), (measured, aggregate) => {
				const followed = live({ steps: 30, aggregate, measured: (step) => measured[step] ?? Number.NaN });
				expect(followed.length).toBeGreaterThan(15);
				for (const { outcome, step } of followed) {
					const at = Math.round((outcome.at - START) / STEP_MS);
					const window = measured.slice(at + 1, at + 11);
					expect(step).toBeGreaterThanOrEqual(at + 10);
					const mean = window.reduce((sum, value) => sum + value, 0) / 10;
					const expected = { Mean: mean, Max: Math.max(...window), Min: Math.min(...window) }[aggregate];
					expect(outcome.actual).toBeCloseTo(expected, 6);
				}
			}),
			{ numRuns: 20 },
		);
	});

	it("and not when too little was measured", () => {
		// NaN as well as nothing at all.
		for (const gap of [4, 8]) {
			const measured = (step: number) => (step % 10 < gap ? Number.NaN : 100);
			expect(live({ steps: 60, measured })).toEqual([]);
		}
		expect(live({ steps: 60, measured: (step) => (step % 10 < 2 ? Number.NaN : 100) }).length).toBeGreaterThan(40);
	});

	it("and not when the pods moved or were replaced in between", () => {
		const followed = live({ steps: 60, measured: () => 100, on: (step) => (step < 25 ? ["a"] : ["b"]) });
		for (const { outcome } of followed) {
			const at = Math.round((outcome.at - START) / STEP_MS);
			expect(at + 10 < 25 || at >= 25).toBe(true);
			expect(outcome.node).toBe(at < 25 ? "a" : "b");
		}
		expect(new Set(followed.map(({ outcome }) => outcome.node))).toEqual(new Set(["a", "b"]));
		expect(live({ steps: 60, measured: () => 100, on: (step) => [step % 8 < 4 ? "a" : "b"] })).toEqual([]);
	});

	it("of several nodes as of none of them alone", () => {
		const followed = live({ steps: 20, measured: () => 100, on: () => ["a", "b"] });
		expect(new Set(followed.map(({ outcome }) => outcome.node))).toEqual(new Set([SPREAD]));
	});

	it("once, and only those that were made", () => {
		const followed = live({ steps: 60, measured: () => 100, predictedAt: (step) => step % 7 === 0 });
		const at = followed.map(({ outcome }) => Math.round((outcome.at - START) / STEP_MS));
		expect(at).toEqual([0, 7, 14, 21, 28, 35, 42]);
	});
});

describe("what is learned", () => {
	it("corrects the predictions to come", () => {
		const learned = new Learned();
		live({ steps: 2_000, measured: () => 150, learned });
		const table = {
			nodes: ["a"],
			value: Float32Array.of(100),
			lower: Float32Array.of(80),
			upper: Float32Array.of(120),
			extrapolated: new Uint8Array(1),
		};
		const [basis = ""] = learned.calibration.families.keys();
		learned.calibration.calibrate({ workload: "shop/web", basis, currentNodes: new Map([["a", 1]]), least: 0 }, table);
		expect(table.value[0]).toBeGreaterThan(147);
		expect(table.value[0]).toBeLessThan(153);
	});

	it("are speeds of nodes, with their load taken out", () => {
		const learned = new Learned();
		// Node b is twice as fast and twice as slowed down: what is measured is the same.
		const utilization = (name: string) => (name === "a" ? 0 : 0.5);
		live({ steps: 400, measured: () => 100, on: (step) => [step < 200 ? "a" : "b"], utilization, learned });
		const ratio = learned.speeds.of("b") / learned.speeds.of("a");
		expect(ratio).toBeGreaterThan(1.6);
		expect(ratio).toBeLessThan(2.05);
	});

	it("is no speed where a node is saturated, or the objective is no time", () => {
		const learned = new Learned();
		live({ steps: 400, measured: () => 100, on: (step) => [step < 200 ? "a" : "b"], utilization: () => 0.97, learned });
		expect(learned.speeds.of("b")).toBe(1);
	});

	it("is forgotten with the workload", () => {
		const learned = new Learned();
		live({ steps: 100, measured: () => 150, learned });
		expect(learned.calibration.families.size).toBe(1);
		learned.prune(() => false);
		expect(learned.calibration.families.size).toBe(0);
		expect(learned.speeds.visits.residuals.size).toBe(0);
	});
});

describe("a move", () => {
	/** The correction of predictions for node b, where it is not, after a promise of 100 brought 150. */
	function afterMove({ samples = 10, on = ["b"], aggregate = "Mean" as Aggregate }): number {
		const learned = new Learned();
		const metrics = new MetricStore([{ name: "latency", scope: "Workload", unit: "ms", min: 0, max: 1e6 }], {
			steps: 10,
			stepSeconds: 30,
		});
		const now = START + 10 * STEP_MS;
		// The step of the rollout still mixes both places: it does not count.
		for (let step = 0; step <= samples; step += 1) {
			const value = step === 0 ? 9_000 : 150;
			metrics.ingest([{ metric: "latency", entity: "shop/web", at: START + step * STEP_MS + 1, value }], now);
		}
		const pods = on.map((name, index) => pod(`web-${index}`, { nodeName: name, workload: "shop/web" }));
		const objective = { ...policy().objective, aggregate };
		const state = cluster({
			nodes: [node("b")],
			pods,
			workloads: [workload("web")],
			policies: [policy({ objective })],
		});
		for (const subject of subjectsOf(state, ALWAYS)) {
			const move = { subject, model: MODEL, promised: around(100, 0.2), rolledOutAt: START };
			new Learning(learned).moved(move, { metrics, now });
		}
		const [basis = ""] = learned.calibration.families.keys();
		const table = {
			nodes: ["b"],
			value: Float32Array.of(100),
			lower: Float32Array.of(80),
			upper: Float32Array.of(120),
			extrapolated: new Uint8Array(1),
		};
		learned.calibration.calibrate({ workload: "shop/web", basis, currentNodes: new Map([["a", 1]]), least: 0 }, table);
		return table.value[0] ?? Number.NaN;
	}

	it("teaches by its promise what to expect there", () => {
		expect(afterMove({})).toBeGreaterThan(110);
		expect(afterMove({})).toBeLessThan(150);
		expect(afterMove({ aggregate: "Max" })).toBeCloseTo(afterMove({}), 3);
	});

	it("teaches nothing that was not measured, or not in one place", () => {
		expect(afterMove({ samples: 2 })).toBe(100);
		expect(afterMove({ on: ["a", "b"] })).toBe(100);
	});
});
