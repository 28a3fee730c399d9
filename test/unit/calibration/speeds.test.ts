import fc from "fast-check";
import { expect, it } from "vitest";
import { LearnedSpeeds } from "../../../src/core/calibration/speeds.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { normal, random } from "./streams.ts";

interface World {
	/** True speed of every node. */
	readonly speeds: readonly number[];
	readonly workloads: number;
	/** Nodes that every workload visits. */
	readonly visits: number;
	readonly noise: number;
	readonly seed: number;
	/** Share of measurements that are wild. */
	readonly outliers?: number;
}

const STEPS_PER_VISIT = 120;

function visited({ speeds, workloads, visits, noise, seed, outliers = 0 }: World): LearnedSpeeds {
	const learned = new LearnedSpeeds();
	const next = random(seed);
	const draw = normal(next);
	for (let app = 0; app < workloads; app += 1) {
		const workload: WorkloadKey = `shop/${app}`;
		const idleTime = 10 ** (4 * next() - 2);
		for (let visit = 0; visit < visits; visit += 1) {
			const node = Math.floor(next() * speeds.length);
			for (let step = 0; step < STEPS_PER_VISIT; step += 1) {
				const wild = next() < outliers ? 1000 : 1;
				const time = (wild * (idleTime * Math.exp(noise * draw()))) / (speeds[node] as number);
				learned.observe({ workload, node: `node-${node}`, time, windows: 0.1 });
			}
		}
	}
	return learned;
}

/** Ratios of learned to true speeds, with their mean taken out: only ratios of speeds can be seen. */
function errors(learned: LearnedSpeeds, speeds: readonly number[]): number[] {
	const logs = speeds.map((speed, node) => Math.log(learned.of(`node-${node}`) / speed));
	const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
	return logs.map((log) => log - mean);
}

const speeds = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 3, maxLength: 6 });
const seed = fc.integer({ min: 1, max: 1e6 });

it("finds true speeds from noisy visits", () => {
	fc.assert(
		fc.property(speeds, seed, (truth, seed) => {
			const learned = visited({ speeds: truth, workloads: 40, visits: 4, noise: 0.2, seed });
			for (const error of errors(learned, truth)) expect(Math.abs(error)).toBeLessThan(0.15);
		}),
		{ numRuns: 20 },
	);
});

it("is not misled by outliers", () => {
	const truth = [0.5, 1, 2];
	const learned = visited({ speeds: truth, workloads: 40, visits: 4, noise: 0.2, seed: 5, outliers: 0.03 });
	for (const error of errors(learned, truth)) expect(Math.abs(error)).toBeLessThan(0.2);
});

it("says nothing of nodes whose visitors were nowhere else", () => {
	const learned = new LearnedSpeeds();
	for (const [workload, time] of [
		["shop/1", 0.01],
		["shop/2", 7],
	] as const) {
		for (let step = 0; step < 100; step += 1) learned.observe({ workload, node: "lonely", time, windows: 0.1 });
	}
	expect(learned.of("lonely")).toBeCloseTo(1, 1);
	expect(learned.of("never seen")).toBe(1);
	expect(learned.spread("never seen")).toBeCloseTo(0.5, 6);
	expect(learned.spread("lonely")).toBeGreaterThan(0.48);
});

it("is surer the more workloads it saw on several nodes", () => {
	const spread = (workloads: number) =>
		visited({ speeds: [1, 2], workloads, visits: 3, noise: 0.1, seed: 3 }).spread("node-1");
	expect(spread(4)).toBeLessThan(0.5);
	expect(spread(40)).toBeLessThan(spread(4));
});

it("measures against what labels declare", () => {
	const learned = visited({ speeds: [1, 2], workloads: 60, visits: 3, noise: 0.05, seed: 9 });
	learned.declare(new Map([["node-0", 4]]));
	// node-1 is twice as fast as a node that declares 4.
	expect(learned.of("node-1")).toBeGreaterThan(6.5);
	expect(learned.of("node-1")).toBeLessThanOrEqual(8);
});

it("never learns from what is no time", () => {
	const learned = visited({ speeds: [1, 2], workloads: 10, visits: 3, noise: 0.05, seed: 9 });
	const before = learned.of("node-1");
	for (const time of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY]) {
		learned.observe({ workload: "shop/1", node: "node-1", time, windows: 0.1 });
	}
	expect(learned.of("node-1")).toBe(before);
});

it("does not depend on the unit of the times", () => {
	fc.assert(
		fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (unit) => {
			const one = new LearnedSpeeds();
			const other = new LearnedSpeeds();
			for (const [node, time] of [
				["a", 1],
				["b", 2],
				["a", 1.1],
				["b", 2.3],
			] as const) {
				one.observe({ workload: "x/1", node, time, windows: 1 });
				other.observe({ workload: "x/1", node, time: time * unit, windows: 1 });
			}
			expect(one.of("b") / one.of("a")).toBeLessThan(0.8);
			expect(other.of("b") / other.of("a")).toBeCloseTo(one.of("b") / one.of("a"), 2);
		}),
	);
});

it("remembers service times of nodes of speed 1, from half a window on", () => {
	const truth = [0.5, 1, 2];
	const learned = visited({ speeds: truth, workloads: 40, visits: 4, noise: 0.2, seed: 5 });
	const before = learned.serviceTime("shop/new");
	for (const [node, speed] of [
		["node-0", 0.5],
		["node-2", 2],
	] as const) {
		for (let step = 0; step < 60; step += 1) {
			learned.observe({ workload: "shop/new", node, time: 0.03 / speed, windows: 0.1 });
		}
	}
	expect(before).toBeUndefined();
	const { value = Number.NaN, spread = Number.NaN } = learned.serviceTime("shop/new") ?? {};
	// Speeds are relative to each other: what counts is what the time is on a node.
	expect(value / learned.of("node-0") / 0.06).toBeCloseTo(1, 1);
	expect(value / learned.of("node-2") / 0.015).toBeCloseTo(1, 1);
	expect(spread).toBeLessThan(0.2);
	learned.observe({ workload: "shop/brief", node: "node-0", time: 1, windows: 0.4 });
	expect(learned.serviceTime("shop/brief")).toBeUndefined();
});
