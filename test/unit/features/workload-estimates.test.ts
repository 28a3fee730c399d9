import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeTable } from "../../../src/core/features/node-table.ts";
import type { Situation } from "../../../src/core/features/situation.ts";
import { cpuDemand, type EstimateInputs, unloadedEstimate } from "../../../src/core/features/workload-estimates.ts";
import { deliveredShare, slowdown } from "../../../src/core/model/response.ts";
import { APP, FPS, inputsOf, LATENCY, NOW, STEP_SECONDS, STEPS, type TestWorld } from "../prediction/world.ts";

function read(world: TestWorld): EstimateInputs {
	const inputs = inputsOf(world);
	return { metrics: inputs.metrics, nodes: new NodeTable(inputs), now: NOW };
}

function situation(more: Partial<Situation>): Situation {
	return {
		workload: APP,
		objective: LATENCY,
		currentNodes: new Map(),
		settledSince: undefined,
		cpuRequest: 0.5,
		replicas: 1,
		...more,
	};
}

const onA = { currentNodes: new Map([["a", 1]]) };

describe("unloadedEstimate", () => {
	it("takes the node's load and speed out of what was measured", () => {
		const speed = fc.double({ min: 0.2, max: 5, noNaN: true });
		const utilization = fc.double({ min: 0, max: 1.2, noNaN: true });
		fc.assert(
			fc.property(speed, utilization, fc.double({ min: 0.001, max: 10, noNaN: true }), (speed, used, time) => {
				const latency = (time / speed) * slowdown(used);
				const inputs = read({ nodes: { a: { cpu: used * 4, speed } }, workloads: { [APP]: { latency } } });
				expect(unloadedEstimate(situation(onA), inputs)?.value).toBeCloseTo(time, 4);
			}),
		);
	});

	it("takes the node's load out of a rate", () => {
		const inputs = read({ nodes: { a: { cpu: 6 } }, workloads: { [APP]: { fps: 30 * deliveredShare(1.5) } } });
		expect(unloadedEstimate(situation({ ...onA, objective: FPS }), inputs)?.value).toBeCloseTo(30, 6);
	});

	it("averages over the nodes of several pods", () => {
		const latency = (2 * 0.1 * slowdown(0.5) + (0.1 / 2) * slowdown(0.75)) / 3;
		const world = { nodes: { a: { cpu: 2 }, b: { cpu: 3, speed: 2 } }, workloads: { [APP]: { latency } } };
		const currentNodes = new Map([
			["a", 2],
			["b", 1],
		]);
		expect(unloadedEstimate(situation({ currentNodes }), read(world))?.value).toBeCloseTo(0.1, 6);
	});

	it("is not misled by outliers", () => {
		const latency = [0.2, 0.2, 9, 0.2, 0.2, 0.2, 0.2, 0.2, 5, 0.2];
		const inputs = read({ nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency } } });
		expect(unloadedEstimate(situation(onA), inputs)?.value).toBeCloseTo(0.1, 6);
	});

	it("is less certain the fewer the samples and the more they scatter", () => {
		const spread = (latency: number | readonly number[]) =>
			unloadedEstimate(situation(onA), read({ nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency } } }))?.spread ??
			0;
		const one = spread([...Array.from({ length: STEPS - 1 }, () => Number.NaN), 0.2]);
		const scattered = spread([0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3]);
		expect(spread(0.2)).toBeLessThan(one);
		expect(spread(0.2)).toBeLessThan(scattered);
	});

	it("ignores what was measured before its pods came to their nodes", () => {
		const latency = [9, 9, 9, 9, 9, 9, 9, 0.2, 0.2, 0.2];
		const inputs = read({ nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency } } });
		const settledSince = NOW - 3 * STEP_SECONDS * 1000 + 1;
		expect(unloadedEstimate(situation({ ...onA, settledSince }), inputs)?.value).toBeCloseTo(0.1, 6);
	});

	it.each([
		["no pod runs", { currentNodes: new Map<string, number>() }],
		["its node is not measured", { currentNodes: new Map([["unmeasured", 1]]) }],
		["its node is gone", { currentNodes: new Map([["gone", 1]]) }],
		["its node's speed is not a number", { currentNodes: new Map([["odd", 1]]) }],
	])("starts from the target, far from certain, when %s", (_, more) => {
		const nodes = { a: { cpu: 2 }, odd: { cpu: 2, speed: "x" }, unmeasured: {} };
		const estimate = unloadedEstimate(situation(more), read({ nodes, workloads: { [APP]: { latency: 9 } } }));
		expect(estimate?.value).toBeCloseTo(0.1, 9);
		expect(estimate?.spread).toBeGreaterThan(0.5);
	});

	it("is Unknown with neither measurement nor target", () => {
		const objective = { ...LATENCY, target: undefined };
		expect(unloadedEstimate(situation({ ...onA, objective }), read({ nodes: { a: { cpu: 2 } } }))).toBeUndefined();
	});
});

describe("cpuDemand", () => {
	it("is what a pod uses, in cores of a node of speed 1", () => {
		const world = { nodes: { a: { cpu: 2, speed: 2 } }, workloads: { [APP]: { workload_cpu_usage: 3 } } };
		expect(cpuDemand(situation({ currentNodes: new Map([["a", 2]]) }), read(world))).toBe(3);
	});

	it.each([
		[0.5, 0.5],
		[0, 0.1],
	])("without measurements and a request of %d cores is %d", (cpuRequest, expected) => {
		expect(cpuDemand(situation({ ...onA, cpuRequest }), read({ nodes: { a: { cpu: 2 } } }))).toBe(expected);
	});
});
