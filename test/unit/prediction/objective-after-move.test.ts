import fc from "fast-check";
import { expect, it } from "vitest";
import { slowdown } from "../../../src/core/model/response.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { feature, recorder } from "./recorder.ts";
import { APP, inputsOf, LATENCY, requestFor, type TestWorld } from "./world.ts";

const WINDOW = 10;
const ON_A = { currentNodes: new Map([["a", 1]]) };

/** The feature's window on each node. */
async function afterMove(
	world: TestWorld,
	nodes: readonly string[],
	change: (inputs: ReturnType<typeof inputsOf>) => void = () => undefined,
): Promise<readonly number[][]> {
	const model = recorder([feature("objective_after_move", "Pair")], WINDOW);
	const inputs = inputsOf(world);
	change(inputs);
	const [result] = await predict([requestFor(model, nodes, ON_A)], inputs);
	if (!result?.known) throw new Error(result?.message);
	const values = model.inputs[0] ?? [];
	return nodes.map((_, row) => values.slice(row * WINDOW, (row + 1) * WINDOW));
}

const share = fc.double({ min: 0, max: 0.9, noNaN: true });
const speed = fc.double({ min: 0.3, max: 3, noNaN: true });
const latencies = fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: WINDOW, maxLength: WINDOW });

it("is what was measured on the app's own node", async () => {
	await fc.assert(
		fc.asyncProperty(share, speed, latencies, async (used, fast, latency) => {
			const world = { nodes: { a: { cpu: used * 4, speed: fast } }, workloads: { [APP]: { latency } } };
			const [own] = await afterMove(world, ["a"]);
			latency.forEach((value, step) => expect((own?.[step] ?? Number.NaN) / value).toBeCloseTo(1, 4));
		}),
	);
});

it("is the measured history times the ratio of the two nodes' slowdowns and speeds", async () => {
	await fc.assert(
		fc.asyncProperty(share, share, speed, latencies, async (here, there, fast, latency) => {
			const demand = 0.4;
			const world = {
				nodes: { a: { cpu: here * 4 }, b: { cpu: there * 8, cores: 8, speed: fast } },
				workloads: { [APP]: { latency, workload_cpu_usage: demand } },
			};
			const [, other] = await afterMove(world, ["a", "b"]);
			const after = there + demand / fast / 8;
			latency.forEach((value, step) => {
				const expected = ((value / slowdown(here)) * slowdown(after)) / fast;
				expect((other?.[step] ?? Number.NaN) / expected).toBeCloseTo(1, 4);
			});
		}),
	);
});

it("counts what is on its way to a node, the app's own included", async () => {
	const world = { nodes: { a: { cpu: 2 } }, workloads: { [APP]: { latency: 1 } } };
	const [own] = await afterMove(world, ["a"], ({ ledger, now }) =>
		ledger.reserve({ id: "1", workload: "other/app", node: "a", requests: {}, cpuCores: 1, createdAt: now }),
	);
	expect(own?.at(-1)).toBeCloseTo(slowdown(0.75) / slowdown(0.5), 5);
});

it("rises with the candidate's load and falls with its speed", async () => {
	const nodes = { a: { cpu: 2 }, busy: { cpu: 3 }, idle: { cpu: 0.5 }, fast: { cpu: 0.5, speed: 2 } };
	const world = { nodes, workloads: { [APP]: { latency: 1, workload_cpu_usage: 0.4 } } };
	const windows = await afterMove(world, ["busy", "a", "idle", "fast"]);
	const newest = windows.map((window) => window.at(-1) ?? Number.NaN);
	expect(newest).toEqual(newest.toSorted((left, right) => right - left));
});

it("makes an app that was never measured uncertain rather than Unknown", async () => {
	const model = recorder([feature("objective_after_move", "Pair")], WINDOW);
	const request = requestFor(model, ["a"]);
	const [result] = await predict([request], inputsOf({ nodes: { a: { cpu: 2 } } }));
	if (!result?.known) throw new Error(result?.message);
	expect([...result.table.extrapolated]).toEqual([1]);
	// Five times as wide for being far from training, twice as wide for not being measured.
	expect(result.table.upper[0]).toBeCloseTo(11, 5);
	const objective = { ...LATENCY, target: undefined };
	const [unknown] = await predict([{ ...request, policy: { objective } }], inputsOf({ nodes: { a: { cpu: 2 } } }));
	expect(unknown).toMatchObject({ known: false, reason: "MetricsAbsent" });
});

it("lets a model's default stand for a workload's metric that is not measured", async () => {
	const model = recorder([{ ...feature("fps", "Workload"), default: 7 }, feature("latency", "Workload")], 2);
	await predict(
		[requestFor(model, ["a"])],
		inputsOf({ nodes: { a: { cpu: 1 } }, workloads: { [APP]: { latency: 0.5 } } }),
	);
	expect(model.inputs).toEqual([[7, 0.5, 7, 0.5]]);
});
