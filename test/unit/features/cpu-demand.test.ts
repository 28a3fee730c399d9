import { expect, it } from "vitest";
import { cpuDemand } from "../../../src/core/features/cpu-demand.ts";
import { APP } from "../prediction/world.ts";
import { ON_A, observe, situation } from "./situation.ts";

it("is what one of its pods uses, in cores of a node of speed 1", () => {
	const world = { nodes: { a: { cpu: 2, speed: 2 } }, workloads: { [APP]: { workload_cpu_usage: 3 } } };
	expect(cpuDemand(situation({ currentNodes: new Map([["a", 2]]) }), observe(world))).toBe(3);
});

it("weighs the speeds of its nodes by their pods", () => {
	const nodes = { a: { cpu: 2, speed: 2 }, b: { cpu: 2 } };
	const currentNodes = new Map([
		["a", 1],
		["b", 3],
	]);
	const world = { nodes, workloads: { [APP]: { workload_cpu_usage: 4 } } };
	expect(cpuDemand(situation({ currentNodes }), observe(world))).toBe(1.25);
});

const used = { workload_cpu_usage: 3 };

it.each([
	["its request with no measurement", ON_A, {}, 0.5],
	["what the scheduler assumes with no measurement and no request", { ...ON_A, cpuRequest: 0 }, {}, 0.1],
	["its request with no pod that measurements speak of", {}, used, 0.5],
	["its request with a node of Unknown speed", { currentNodes: new Map([["odd", 1]]) }, used, 0.5],
])("is %s", (_, more, measured, expected) => {
	const nodes = { a: { cpu: 2 }, odd: { cpu: 2, speed: "x" } };
	expect(cpuDemand(situation(more), observe({ nodes, workloads: { [APP]: measured } }))).toBe(expected);
});
