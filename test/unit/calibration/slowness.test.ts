import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NodeSlowness } from "../../../src/core/calibration/slowness.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { normal, random } from "./streams.ts";

const WINDOW = 10;
const SIGMA = 0.1;

interface World {
	/** How many times as long as usual it takes, by workload and node. */
	readonly times: readonly (readonly [workload: WorkloadKey, node: string, factor: number])[];
	readonly steps?: number;
	/** Cores used as a multiple of what is usual; absent: as usual. */
	readonly cpu?: number | undefined;
	readonly noise?: () => number;
}

/** A while as usual, and then the world's steps. */
function lived({ times, steps = 6, noise = () => 0, ...rest }: World): NodeSlowness {
	const slowness = new NodeSlowness();
	const usual = times.map(([workload, node]) => [workload, node, 1] as const);
	const live = (list: World["times"], count: number, cpuCores: number | undefined): void => {
		for (let step = 0; step < count; step += 1) {
			slowness.passed(WINDOW);
			for (const [workload, node, factor] of list) {
				slowness.observe({ workload, node, logarithm: Math.log(factor) + noise(), sigma: SIGMA, cpuCores });
			}
		}
	};
	live(usual, 20, "cpu" in rest && rest.cpu === undefined ? undefined : 0.1);
	live(times, steps, "cpu" in rest ? rest.cpu && 0.1 * rest.cpu : 0.1);
	return slowness;
}

describe("how slow a node is just now", () => {
	it("is as usual where nothing is known", () => {
		expect(new NodeSlowness().of("a")).toBe(1);
	});

	it("is half of what a workload that is alone there says", () => {
		expect(lived({ times: [["x/1", "a", 2.5]] }).of("a")).toBeGreaterThan(1.4);
		expect(lived({ times: [["x/1", "a", 2.5]] }).of("a")).toBeLessThan(Math.sqrt(2.5));
		expect(lived({ times: [["x/1", "a", 0.4]] }).of("a")).toBeLessThan(0.72);
	});

	it("is nearly all of what many say there and none elsewhere", () => {
		const there = Array.from({ length: 6 }, (_, index) => [`x/${index}`, "a", 2] as const);
		const slowness = lived({ times: [...there, ["y/1", "b", 1]] });
		expect(slowness.of("a")).toBeGreaterThan(1.7);
		expect(slowness.of("a")).toBeLessThan(2);
		expect(slowness.of("b")).toBe(1);
	});

	it("is as usual where one of many is slower", () => {
		const others = Array.from({ length: 6 }, (_, index) => [`x/${index}`, "a", 1] as const);
		expect(lived({ times: [...others, ["x/7", "a", 2]] }).of("a")).toBeLessThan(1.12);
	});

	it("is hardly what everybody says everywhere: a service that all of them call", () => {
		const times = Array.from({ length: 12 }, (_, index) => [`x/${index}`, `node-${index % 3}`, 2] as const);
		expect(lived({ times }).of("node-0")).toBeLessThan(1.12);
	});

	it("is hardly what one says that uses more CPU, or whose CPU nobody knows", () => {
		expect(lived({ times: [["x/1", "a", 2]], cpu: 2 }).of("a")).toBeLessThan(1.1);
		expect(lived({ times: [["x/1", "a", 2]], cpu: undefined }).of("a")).toBeLessThan(1.1);
	});

	it("is seen within three steps, and over within three", () => {
		const times = [
			["x/1", "a", 2],
			["x/2", "a", 2],
		] as const;
		const slowness = lived({ times, steps: 3 });
		expect(slowness.of("a")).toBeGreaterThan(1.3);
		for (let step = 0; step < 3; step += 1) {
			slowness.passed(WINDOW);
			for (const [workload, node] of times) {
				slowness.observe({ workload, node, logarithm: 0, sigma: SIGMA, cpuCores: 0.1 });
			}
		}
		expect(slowness.of("a")).toBeLessThan(1.1);
	});

	it("is forgotten when nobody is there any more, and with its workload at once", () => {
		const slowness = lived({ times: [["x/1", "a", 2.5]] });
		const before = slowness.of("a");
		for (let step = 0; step < 6 * WINDOW; step += 1) slowness.passed(WINDOW);
		expect(slowness.of("a")).toBeLessThan(Math.exp(0.7 * Math.log(before)));
		expect(slowness.of("a")).toBeGreaterThan(1.1);
		for (let step = 0; step < 30 * WINDOW; step += 1) slowness.passed(WINDOW);
		expect(slowness.of("a")).toBe(1);
		const other = lived({ times: [["x/1", "a", 2.5]] });
		other.forget("x/1");
		expect(other.of("a")).toBe(1);
	});

	it("is as usual while there is nothing but noise", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
				const draw = normal(random(seed));
				const slowness = lived({ times: [["x/1", "a", 1]], steps: 40, noise: () => SIGMA * draw() });
				expect(Math.abs(Math.log(slowness.of("a")))).toBeLessThan(SIGMA);
			}),
		);
	});

	it("stays within a quarter and four times", () => {
		const there = Array.from({ length: 9 }, (_, index) => [`x/${index}`, "a", 1e6] as const);
		expect(lived({ times: there }).of("a")).toBe(4);
	});
});
