import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { relief } from "../../../src/core/features/contention.ts";
import { serviceTime } from "../../../src/core/features/service-time.ts";
import type { Model } from "../../../src/core/model/model.ts";
import { slowdown } from "../../../src/core/model/response.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { prepare } from "../../../src/core/prediction/preparation.ts";
import {
	APP,
	headroomModels,
	inputsOf,
	LATENCY,
	requestFor,
	STEPS,
	type TestNode,
	valuesOf,
} from "../prediction/world.ts";
import { ON_A, observe, situation } from "./situation.ts";

describe("relief", () => {
	const share = fc.double({ min: 0, max: 1, noNaN: true });
	const cores = fc.double({ min: 0, max: 8, noNaN: true });

	it("is at most the elastic load, and less the more that asked for beside the pod", () => {
		fc.assert(
			fc.property(share, share, cores, cores, (inelastic, elastic, weight, request) => {
				const given = (beside: number): number =>
					relief({ cores: 4, utilization: inelastic + elastic, elastic, weight: beside }, request);
				expect(given(weight)).toBeGreaterThanOrEqual(0);
				expect(given(weight)).toBeLessThanOrEqual(elastic);
				expect(given(weight + 1)).toBeLessThanOrEqual(given(weight) + 1e-12);
			}),
		);
	});

	it("is nearly all of a BestEffort burner, half of an equal, a little of one that asked for ten times as much", () => {
		const burner = { cores: 4, utilization: 1, elastic: 1 };
		expect(relief({ ...burner, weight: 0.002 }, 0.5)).toBeGreaterThan(0.99);
		expect(relief({ ...burner, weight: 0.3 }, 0.3)).toBeCloseTo(0.5, 9);
		expect(relief({ ...burner, weight: 0.4 }, 0.04)).toBeCloseTo(1 / 11, 9);
	});

	it("is a fifth less on a node of less than one core", () => {
		const burner = { cores: 0.5, utilization: 1, elastic: 1 };
		expect(relief({ ...burner, weight: 0 }, 0.5)).toBeCloseTo(0.8, 9);
		expect(relief({ ...burner, weight: 0.3 }, 0.3)).toBeCloseTo(0.4, 9);
	});

	it("is nothing where there is room, or where the pod itself asked for nothing", () => {
		expect(relief({ cores: 4, utilization: 0.5, elastic: 0.3, weight: 0.4 }, 0.4)).toBe(0);
		expect(relief({ cores: 4, utilization: 1, elastic: 1, weight: 0.5 }, 0)).toBeLessThan(0.005);
	});

	it("is nothing of what is unknown", () => {
		expect(relief({ cores: 4, utilization: 1, elastic: Number.NaN, weight: 1 }, 1)).toBe(0);
	});
});

describe("predictions beside elastic load", () => {
	let headroom: Model;
	beforeAll(async () => {
		headroom = (await headroomModels()).Minimize;
	});

	/** Of an app with a request of half a core and a service time of 0.1 s, on an idle node, for node b. */
	async function onNodeB(b: TestNode): Promise<number> {
		const inputs = inputsOf({
			nodes: { a: { cpu: 0, cores: 1 }, b },
			workloads: { [APP]: { latency: 0.1, workload_cpu_usage: 0.1 } },
		});
		const request = requestFor(headroom, ["a", "b"], { currentNodes: new Map([["a", 1]]) });
		const [result] = await predict([request], prepare(inputs));
		return valuesOf(result)["b"] ?? Number.NaN;
	}

	const elastic = (requests: number): TestNode => ({ cpu: 1, cores: 1, elastic: { usage: 1, requests } });

	it("take a node with a BestEffort burner for nearly idle, and one whose neighbour asked for CPU for what is left", async () => {
		expect(await onNodeB(elastic(0.002))).toBeCloseTo(0.1 * slowdown(0.1), 2);
		expect(await onNodeB(elastic(0.5))).toBeCloseTo(0.1 * slowdown(0.6), 3);
		expect(await onNodeB({ cpu: 1, cores: 1 })).toBeCloseTo(0.1 * slowdown(1.1), 1);
	});

	it("follow a neighbour that comes and goes, step by step", async () => {
		const recent = Array.from({ length: STEPS }, (_, step) => step % 2);
		const node = { cpu: recent, cores: 1, elastic: { usage: recent, requests: recent.map((used) => used * 0.5) } };
		expect(await onNodeB(node)).toBeCloseTo((0.1 * (slowdown(0.1) + slowdown(0.6))) / 2, 3);
	});

	it("infer the service time beside such a neighbour", () => {
		const world = { nodes: { a: elastic(0.5) }, workloads: { [APP]: { latency: 0.1 * slowdown(0.5) } } };
		expect(serviceTime(situation(ON_A), observe(world))?.value).toBeCloseTo(0.1, 6);
	});
});

describe("a node of less than one core", () => {
	it("takes longer for a request, which gets no more than there is", () => {
		const latency = 0.1 / 0.4;
		const world = { nodes: { a: { cpu: 0, cores: 0.4 } }, workloads: { [APP]: { latency } } };
		expect(serviceTime(situation({ ...ON_A, objective: LATENCY }), observe(world))?.value).toBeCloseTo(0.1, 6);
		expect(observe(world).nodes.pace[0]).toBeCloseTo(0.4, 6);
	});
});
