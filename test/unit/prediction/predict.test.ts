import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { moveReservationId } from "../../../src/core/migration/reservation.ts";
import type { Model } from "../../../src/core/model/model.ts";
import type { Direction } from "../../../src/core/policy/policy.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { predictionAt } from "../../../src/core/prediction/prediction.ts";
import { prepare } from "../../../src/core/prediction/preparation.ts";
import type { PredictionRequest } from "../../../src/core/prediction/request.ts";
import { APP, FPS, headroomModels, inputsOf, LATENCY, NOW, requestFor, type TestNode, valuesOf } from "./world.ts";

let models: Readonly<Record<Direction, Model>>;
beforeAll(async () => {
	models = await headroomModels();
});

const UNKNOWN = Number.NaN;

/** One prediction of headroom, of an app of unknown history unless told otherwise. */
async function predictOn(nodes: Readonly<Record<string, TestNode>>, more: Partial<PredictionRequest> = {}) {
	const model = models[more.policy?.objective.direction ?? "Minimize"];
	const [result] = await predict([requestFor(model, Object.keys(nodes), more)], inputsOf({ nodes }));
	return result;
}

const cpu = fc.double({ min: 0, max: 5, noNaN: true });
const speed = fc.double({ min: 0.1, max: 10, noNaN: true });

describe("headroom through predict", () => {
	it("predicts what is measured where the app runs", async () => {
		const world = {
			nodes: { a: { cpu: 3 }, b: { cpu: 1 } },
			workloads: { [APP]: { latency: 0.4, workload_cpu_usage: 1 } },
		};
		const request = requestFor(models.Minimize, ["a", "b"], { currentNodes: new Map([["a", 1]]) });
		const [result] = await predict([request], inputsOf(world));
		const values = valuesOf(result);
		expect(values["a"]).toBeCloseTo(0.4, 5);
		// Service time 0.1 s; half of node b is busy once the app is there.
		expect(values["b"]).toBeCloseTo(0.2, 5);
	});

	it("predicts other nodes by what is remembered while the app's own node is busy", async () => {
		const world = {
			nodes: { a: { cpu: 3.6 }, b: { cpu: 1 } },
			workloads: { [APP]: { latency: 4, workload_cpu_usage: 1 } },
		};
		const request = requestFor(models.Minimize, ["b", "a"], { currentNodes: new Map([["a", 1]]) });
		const speeds = { of: () => 1, serviceTime: () => ({ value: 0.1, spread: 0.1 }) };
		const [result] = await predict([request], { ...inputsOf(world), speeds });
		const values = valuesOf(result);
		expect(values["a"]).toBeCloseTo(4, 4);
		expect(values["b"]).toBeCloseTo(0.2, 5);
	});

	it("predicts the measured rate where the app is held back, and its full rate where there is headroom", async () => {
		const world = {
			nodes: { a: { cpu: 3.6 }, b: { cpu: 1 } },
			workloads: { [APP]: { fps: 10, workload_cpu_usage: 1 } },
		};
		const request = requestFor(models.Maximize, ["a", "b"], { currentNodes: new Map([["a", 1]]) });
		const [result] = await predict([request], inputsOf(world));
		const values = valuesOf(result);
		expect(values["a"]).toBeCloseTo(10, 2);
		expect(values["b"]).toBeGreaterThan(28);
	});

	it("gets worse with the node's load", async () => {
		await fc.assert(
			fc.asyncProperty(cpu, cpu, async (one, other) => {
				const nodes = { busy: { cpu: Math.max(one, other) }, free: { cpu: Math.min(one, other) } };
				const latency = valuesOf(await predictOn(nodes));
				expect(latency["busy"]).toBeGreaterThanOrEqual(latency["free"] ?? UNKNOWN);
				const rate = valuesOf(await predictOn(nodes, { policy: { objective: FPS } }));
				expect(rate["busy"]).toBeLessThanOrEqual((rate["free"] ?? UNKNOWN) * (1 + 1e-6));
			}),
			{ numRuns: 50 },
		);
	});

	it("gets better with the node's speed", async () => {
		await fc.assert(
			fc.asyncProperty(cpu, speed, speed, async (cpu, one, other) => {
				const nodes = { fast: { cpu, speed: Math.max(one, other) }, slow: { cpu, speed: Math.min(one, other) } };
				const rate = valuesOf(await predictOn(nodes, { policy: { objective: FPS } }));
				expect(rate["fast"]).toBeGreaterThanOrEqual((rate["slow"] ?? UNKNOWN) * (1 - 1e-6));
				const latency = valuesOf(await predictOn(nodes));
				expect(latency["fast"]).toBeLessThanOrEqual((latency["slow"] ?? UNKNOWN) * (1 + 1e-6));
			}),
			{ numRuns: 50 },
		);
	});

	it("is free of scale: it does not matter in which unit time and cores are", async () => {
		const factor = fc.constantFrom(0.001, 0.5, 3, 1000);
		await fc.assert(
			fc.asyncProperty(factor, factor, async (time, cores) => {
				const scaled = async (time: number, cores: number) => {
					const nodes = { a: { cpu: 3 * cores, cores: 4 * cores }, b: { cpu: cores, cores: 4 * cores } };
					const workloads = { [APP]: { latency: 0.4 * time, workload_cpu_usage: cores } };
					const request = requestFor(models.Minimize, ["a", "b"], { currentNodes: new Map([["a", 1]]) });
					return valuesOf((await predict([request], inputsOf({ nodes, workloads })))[0]);
				};
				const [plain, other] = [await scaled(1, 1), await scaled(time, cores)];
				for (const name of ["a", "b"]) expect((other[name] ?? UNKNOWN) / time).toBeCloseTo(plain[name] ?? UNKNOWN, 4);
			}),
			{ numRuns: 16 },
		);
	});

	it("takes load on its way to a node for load", async () => {
		const inputs = inputsOf({ nodes: { a: { cpu: 2 }, b: { cpu: 2 } } });
		const preparation = prepare(inputs);
		const request = requestFor(models.Minimize, ["a", "b"]);
		const before = valuesOf((await predict([request], preparation))[0]);
		inputs.ledger.reserve({ id: "1", workload: "other/app", node: "b", requests: {}, cpuCores: 1, createdAt: NOW });
		const after = valuesOf((await predict([request], preparation))[0]);
		expect(after["a"]).toBe(before["a"]);
		// (2 + 0.5) / 4 against (2 + 1 + 0.5) / 4 in use.
		expect((after["b"] ?? UNKNOWN) / (before["b"] ?? UNKNOWN)).toBeCloseTo((1 - 0.625) / (1 - 0.875), 4);
		inputs.ledger.release("1");
		expect(valuesOf((await predict([request], preparation))[0])).toEqual(before);
	});

	it("leaves out what the workload's own move has reserved", async () => {
		const inputs = inputsOf({ nodes: { a: { cpu: 2 }, b: { cpu: 2 } } });
		const request = requestFor(models.Minimize, ["a", "b"]);
		const before = valuesOf((await predict([request], inputs))[0]);
		const id = moveReservationId(request.workload);
		inputs.ledger.reserve({ id, workload: request.workload, node: "b", requests: {}, cpuCores: 1, createdAt: NOW });
		expect(valuesOf((await predict([request], inputs))[0])).toEqual(before);
	});

	it("adds the pod's demand where it runs only when it comes on top", async () => {
		const nodes = { a: { cpu: 2 }, b: { cpu: 2 } };
		const currentNodes = new Map([["a", 1]]);
		const moved = valuesOf(await predictOn(nodes, { currentNodes, replicas: 1 }));
		expect(moved["a"]).toBeLessThan(moved["b"] ?? UNKNOWN);
		const added = valuesOf(await predictOn(nodes, { currentNodes, replicas: 2 }));
		expect(added["a"]).toBe(added["b"]);
	});

	it("says the same whatever the order of nodes and requests", async () => {
		const names = ["a", "b", "c", "d", "e"];
		const nodes = Object.fromEntries(names.map((name, index) => [name, { cpu: index * 0.7, speed: 1 + index / 3 }]));
		const expected = valuesOf(await predictOn(nodes));
		await fc.assert(
			fc.asyncProperty(fc.shuffledSubarray(names, { minLength: 1 }), async (order) => {
				const other = requestFor(models.Minimize, names.toReversed(), { workload: "shop/other" });
				const [, result] = await predict([other, requestFor(models.Minimize, order)], inputsOf({ nodes }));
				for (const [name, value] of Object.entries(valuesOf(result))) expect(value).toBe(expected[name]);
			}),
			{ numRuns: 30 },
		);
	});

	it("spans chunks without mixing rows", async () => {
		const names = Array.from({ length: 3000 }, (_, index) => `n${index}`);
		const nodes = Object.fromEntries(names.map((name, index) => [name, { cpu: (index % 40) / 10 }]));
		const inputs = inputsOf({ nodes, workloads: { "shop/1": {}, "shop/2": { latency: 0.4 } } });
		const requests = [
			requestFor(models.Minimize, names, { workload: "shop/1" }),
			requestFor(models.Minimize, names, { workload: "shop/2", currentNodes: new Map([["n0", 1]]) }),
			requestFor(models.Minimize, names, { workload: "shop/3", cpuRequest: 2 }),
		];
		const together = await predict(requests, inputs);
		for (const [index, request] of requests.entries()) {
			const nodes = names.slice(1500, 1700);
			const [alone] = await predict([{ ...request, nodes }], inputs);
			const expected = valuesOf(together[index]);
			for (const [name, value] of Object.entries(valuesOf(alone)))
				expect(value).toBeCloseTo(expected[name] ?? UNKNOWN, 6);
		}
	});

	it("puts the value inside the interval, wider when the app's history is unknown", async () => {
		const nodes = { a: { cpu: [1, 2, 1, 2, 1, 2, 1, 2, 1, 2] }, b: { cpu: 1 } };
		const inputs = inputsOf({ nodes, workloads: { [APP]: { latency: 0.15 } } });
		const ratio = async (currentNodes: ReadonlyMap<string, number>) => {
			const [result] = await predict([requestFor(models.Minimize, ["a", "b"], { currentNodes })], inputs);
			if (!result?.known) throw new Error(result?.message);
			const [first, second] = [predictionAt(result.table, 0), predictionAt(result.table, 1)];
			if (!first || !second) throw new Error("no prediction");
			for (const { lower, value, upper } of [first, second]) {
				expect(lower).toBeLessThan(value);
				expect(value).toBeLessThan(upper);
			}
			expect(first.upper / first.lower).toBeGreaterThan(second.upper / second.lower);
			return second.upper / second.lower;
		};
		expect(await ratio(new Map())).toBeGreaterThan(2 * (await ratio(new Map([["b", 1]]))));
	});

	it("stays finite, says so and widens past the training range", async () => {
		const result = await predictOn({ fine: { cpu: 3 }, over: { cpu: 40 } });
		if (!result?.known) throw new Error(result?.message);
		expect([...result.table.extrapolated]).toEqual([0, 1]);
		const { value, lower, upper } = result.table;
		const width = (index: number) =>
			((upper[index] ?? UNKNOWN) - (lower[index] ?? UNKNOWN)) / (value[index] ?? UNKNOWN);
		expect(width(1)).toBeGreaterThan(width(0));
		expect(lower[1]).toBeGreaterThanOrEqual(0);
	});
});

describe("Unknown in predict", () => {
	const gaps = (missing: number) => Array.from({ length: 10 }, (_, step) => (step >= 10 - missing ? UNKNOWN : 1));

	it("is Unknown for a node without current metrics and for no other", async () => {
		const result = await predictOn({
			known: { cpu: 1 },
			absent: {},
			stale: { cpu: gaps(3) },
			odd: { cpu: 1, speed: "fast" },
			noCores: { cpu: 1, cores: 0 },
		});
		const { known, ...others } = valuesOf(result);
		expect(known).toBeGreaterThan(0);
		expect(Object.values(others).every(Number.isNaN)).toBe(true);
		if (result?.known) expect(predictionAt(result.table, 1)).toBeUndefined();
	});

	it("is Unknown for a node that is not in the cluster", async () => {
		const [result] = await predict(
			[requestFor(models.Minimize, ["a", "gone"])],
			inputsOf({ nodes: { a: { cpu: 1 } } }),
		);
		expect(valuesOf(result)).toEqual({ a: expect.any(Number), gone: UNKNOWN });
	});

	it("bridges a few missing steps and widens for them", async () => {
		const result = await predictOn({ whole: { cpu: 1 }, gaps: { cpu: gaps(2) } });
		if (!result?.known) throw new Error(result?.message);
		const { value, lower, upper } = result.table;
		expect(value[1]).toBe(value[0]);
		expect(lower[1]).toBeLessThan(lower[0] ?? UNKNOWN);
		expect(upper[1]).toBeGreaterThan(upper[0] ?? UNKNOWN);
	});

	it.each([
		["absent", {}, "MetricsAbsent"],
		["stale", { cpu: gaps(5) }, "MetricsStale"],
	])("is Unknown as a whole when every node is %s", async (_, node, reason) => {
		const result = await predictOn({ a: node, b: node });
		expect(result).toMatchObject({ known: false, reason, message: expect.stringContaining("node_cpu_usage") });
	});

	it("is Unknown with neither a measured objective nor a target", async () => {
		const policy = { objective: { ...LATENCY, target: undefined } };
		const result = await predictOn({ a: { cpu: 1 } }, { policy });
		expect(result).toMatchObject({ known: false, reason: "MetricsAbsent", message: expect.stringContaining("target") });
	});

	it("is Unknown when the model fails or gives no number", async () => {
		const { reference, metadata } = models.Minimize;
		const failing: Model = { reference, metadata, predict: () => Promise.reject(new Error("out of memory")) };
		const silent: Model = {
			reference,
			metadata,
			predict: (_input, rows) => Promise.resolve(new Float32Array(rows * metadata.outputs.length).fill(UNKNOWN)),
		};
		const inputs = inputsOf({ nodes: { a: { cpu: 1 } } });
		const results = await predict(
			[requestFor(failing, ["a"]), requestFor(silent, ["a"]), requestFor(models.Minimize, ["a"])],
			inputs,
		);
		expect(results[0]).toMatchObject({
			known: false,
			reason: "ModelRefused",
			message: expect.stringContaining("out of memory"),
		});
		expect(results[1]).toMatchObject({ known: false, reason: "OutputNotFinite" });
		expect(results[2]).toMatchObject({ known: true });
	});

	it("stays Unknown for a node even when the model makes a number of it", async () => {
		const { reference, metadata } = models.Minimize;
		const guessing: Model = {
			reference,
			metadata,
			predict: (_input, rows) => Promise.resolve(new Float32Array(rows * metadata.outputs.length).fill(1)),
		};
		const [result] = await predict([requestFor(guessing, ["a", "b"])], inputsOf({ nodes: { a: { cpu: 1 }, b: {} } }));
		expect(valuesOf(result)).toEqual({ a: 1, b: UNKNOWN });
	});
});

it("knows the cores a pod would use on a node", () => {
	const inputs = inputsOf({ nodes: { a: { cpu: 1 }, fast: { cpu: 1, speed: 2 }, odd: { cpu: 1, speed: "x" } } });
	const request = requestFor(models.Minimize, ["a", "fast"]);
	const cores = ["a", "fast", "odd", "gone"].map((node) => prepare(inputs).cpuCoresOn(node, request));
	expect(cores).toEqual([0.5, 0.25, UNKNOWN, UNKNOWN]);
});
