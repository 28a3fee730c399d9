import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serviceTime, serviceTimeElsewhere } from "../../../src/core/features/service-time.ts";
import { slowdown } from "../../../src/core/model/response.ts";
import { APP, LATENCY, NOW, STEP_SECONDS, STEPS } from "../prediction/world.ts";
import { ON_A, observe, situation } from "./situation.ts";

describe("serviceTime", () => {
	it("takes the node's load and speed out of what was measured", () => {
		const speed = fc.double({ min: 0.2, max: 5, noNaN: true });
		const utilization = fc.double({ min: 0, max: 1.2, noNaN: true });
		fc.assert(
			fc.property(speed, utilization, fc.double({ min: 0.001, max: 10, noNaN: true }), (speed, used, time) => {
				const latency = (time / speed) * slowdown(used);
				const inputs = observe({ nodes: { a: { cpu: used * 4, speed } }, workloads: { [APP]: { latency } } });
				expect(serviceTime(situation(ON_A), inputs)?.value).toBeCloseTo(time, 4);
			}),
		);
	});

	it("averages over the nodes of several pods", () => {
		const latency = (2 * 0.1 * slowdown(0.5) + (0.1 / 2) * slowdown(0.75)) / 3;
		const world = { nodes: { a: { cpu: 2 }, b: { cpu: 3, speed: 2 } }, workloads: { [APP]: { latency } } };
		const currentNodes = new Map([
			["a", 2],
			["b", 1],
		]);
		expect(serviceTime(situation({ currentNodes }), observe(world))?.value).toBeCloseTo(0.1, 6);
	});

	it("is not misled by outliers", () => {
		const latency = [0.2, 0.2, 9, 0.2, 0.2, 0.2, 0.2, 0.2, 5, 0.2];
		const inputs = observe({ nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency } } });
		expect(serviceTime(situation(ON_A), inputs)?.value).toBeCloseTo(0.1, 6);
	});

	it("is less certain the fewer the samples and the more they scatter", () => {
		const spread = (latency: number | readonly number[]) =>
			serviceTime(situation(ON_A), observe({ nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency } } }))?.spread ??
			0;
		const one = spread([...Array.from({ length: STEPS - 1 }, () => Number.NaN), 0.2]);
		const scattered = spread([0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3]);
		expect(spread(0.2)).toBeLessThan(one);
		expect(spread(0.2)).toBeLessThan(scattered);
	});

	it("ignores what was measured before its pods came to their nodes", () => {
		const latency = [9, 9, 9, 9, 9, 9, 9, 0.2, 0.2, 0.2];
		const inputs = observe({ nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency } } });
		const settledSince = NOW - 3 * STEP_SECONDS * 1000 + 1;
		expect(serviceTime(situation({ ...ON_A, settledSince }), inputs)?.value).toBeCloseTo(0.1, 6);
	});

	it.each([
		["no pod runs", { currentNodes: new Map<string, number>() }],
		["its node is not measured", { currentNodes: new Map([["unmeasured", 1]]) }],
		["its node is gone", { currentNodes: new Map([["gone", 1]]) }],
		["its node's speed is not a number", { currentNodes: new Map([["odd", 1]]) }],
	])("starts from the target, far from certain, when %s", (_, more) => {
		const nodes = { a: { cpu: 2 }, odd: { cpu: 2, speed: "x" }, unmeasured: {} };
		const estimate = serviceTime(situation(more), observe({ nodes, workloads: { [APP]: { latency: 9 } } }));
		expect(estimate?.value).toBeCloseTo(0.1, 9);
		expect(estimate?.spread).toBeGreaterThan(0.5);
	});

	it("is Unknown with neither measurement nor target", () => {
		const objective = { ...LATENCY, target: undefined };
		expect(serviceTime(situation({ ...ON_A, objective }), observe({ nodes: { a: { cpu: 2 } } }))).toBeUndefined();
	});
});

describe("serviceTimeElsewhere", () => {
	const remembered = { value: 0.1, spread: 0.1 };
	const speeds = { of: () => 1, serviceTime: () => remembered };
	const CPU_OF_NODE = 4;
	const seen = (utilization: number) =>
		observe({ nodes: { a: { cpu: utilization * CPU_OF_NODE } }, workloads: { [APP]: { latency: 9 } } });

	it("is what is remembered while the node is busy, and what is measured while it is not", () => {
		expect(serviceTimeElsewhere(situation(ON_A), { ...seen(0.9), speeds })).toEqual(remembered);
		expect(serviceTimeElsewhere(situation(ON_A), { ...seen(0.5), speeds })?.value).toBeCloseTo(4.5, 6);
	});

	it("is what is measured where nothing is remembered", () => {
		const inputs = seen(0.9);
		expect(serviceTimeElsewhere(situation(ON_A), inputs)).toEqual(serviceTime(situation(ON_A), inputs));
	});

	it("is what is measured after a move away from a busy node", () => {
		const cpu = [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5].map((share) => share * CPU_OF_NODE);
		const inputs = { ...observe({ nodes: { a: { cpu } }, workloads: { [APP]: { latency: 9 } } }), speeds };
		const settledSince = NOW - 3 * STEP_SECONDS * 1000 + 1;
		expect(serviceTimeElsewhere(situation({ ...ON_A, settledSince }), inputs)?.value).toBeCloseTo(4.5, 6);
	});
});
