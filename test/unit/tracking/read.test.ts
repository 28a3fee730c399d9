import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TRACKING_LAYOUTS } from "../../../src/core/policy/policy.ts";
import { runOf } from "../../../src/core/tracking/layout.ts";
import { NodeOrder } from "../../../src/core/tracking/node-order.ts";
import type { TrackedRun } from "../../../src/core/tracking/run.ts";
import { candidate, NOW, predicted } from "../recommendation/builders.ts";
import { answer, LATENCY, record, selector, values } from "./records.ts";
import { tracked } from "./tracked.ts";

const MINUTE = 60_000;
const FPS = { ...LATENCY, metric: "fps", direction: "Maximize", target: undefined } as const;

describe("what counts", () => {
	test("the newest run, its values by name", () => {
		const older = record({ id: "r0", startedAt: NOW - 2 * MINUTE, metrics: { qos_0: 1 } });
		const found = answer([record(), older]);
		expect(found).toMatchObject({ known: true, run: "r1", madeAt: NOW - MINUTE, isActedUpon: false });
		expect(values(found)).toEqual({ edge: { value: 0.25 }, cloud: { value: 0.05 } });
	});

	test("a run that was analysed is known to be", () => {
		expect(answer([record({ isAnalysed: true })])).toMatchObject({ known: true, isActedUpon: true });
	});

	test("seconds become the catalogue's unit", () => {
		expect(values(answer([record()], { unit: "milliseconds" }))["edge"]).toEqual({ value: 250 });
	});

	test.each([
		["Mean", { edge: { value: 0.3 } }],
		["Max", { edge: { value: 0.4 } }],
	] as const)("proactive: the %s over the horizon", (aggregate, expected) => {
		const run = record({
			metrics: { avg_qos_0: 0.3, max_qos_0: 0.4 },
			params: { cluster_0: "edge", last_stage_completed: "qos-upload" },
		});
		const found = answer([run], { selector: selector("proactive"), objective: { ...LATENCY, aggregate } });
		expect(values(found)).toEqual(expected);
	});

	test("cloudedge: of the original, with the nodes that the policy lists", () => {
		const run = record({ metrics: { qos_0: 24, qos_1: 28, max_qos: 28 }, params: { max_qos_index: "1" } });
		const question = { objective: FPS, unit: "frames_per_second" };
		const listed = selector("cloudedge", { nodes: ["a", "b"] });
		expect(values(answer([run], { ...question, selector: listed }))).toEqual({ a: { value: 24 }, b: { value: 28 } });
		expect(answer([run], { ...question, selector: selector("cloudedge") })).toEqual({
			known: false,
			message: "run r1 names no nodes; list them in spec.model.predictions.nodes, in the order of qos_0, qos_1, ...",
		});
	});
});

describe("what does not count", () => {
	const unready = record({ id: "r2", metrics: {}, params: {} });

	test.each([
		["no run", [], "no run"],
		["unfinished", [record({ status: "RUNNING" })], "no run to go by (1 not finished)"],
		["failed", [record({ status: "FAILED" })], "no run to go by (1 not finished)"],
		["not ready", [unready], "no run to go by (1 not ready)"],
		["too old", [record({ startedAt: NOW - 11 * MINUTE })], "no run to go by (1 too old)"],
		[
			"from the future",
			[record({ startedAt: NOW + 5 * MINUTE })],
			"no run to go by (1 from the future, by 5m: check the clock of who saves it)",
		],
		["of another layout", [record({ metrics: { avg_qos_0: 1 } })], "no run to go by (1 of another layout)"],
		[
			"of another app",
			[record({ tags: { "kubectl-qos.dev/workload": "shop/other" } }), unready],
			"no run to go by (1 of another app, 1 not ready)",
		],
	])("%s", (_what, runs, found) => {
		expect(answer(runs)).toEqual({ known: false, message: `experiment web has ${found} of the last 10m` });
		// It hides nothing that does.
		expect(answer([...runs, record({ id: "good" })])).toMatchObject({ known: true, run: "good" });
	});

	test("runs of another name, where one is asked for", () => {
		expect(answer([record()], { selector: selector("reactive", { run: "theirs" }) })).toMatchObject({ known: false });
		expect(answer([record()], { selector: selector("reactive", { run: "team" }) })).toMatchObject({ known: true });
	});

	test("a clock that is a little ahead is none of the future", () => {
		expect(answer([record({ startedAt: NOW + 30_000 })])).toMatchObject({ known: true });
	});

	test("not read yet, and why", () => {
		expect(answer(undefined, { problem: "MLflow cannot be reached" })).toEqual({
			known: false,
			message: "predictions of experiment web were not read yet; MLflow cannot be reached",
		});
	});
});

describe("values that are none", () => {
	test("NaN and infinity are left out; so is a latency of 0, which the original saves for what it did not measure", () => {
		const metrics = { qos_0: Number.NaN, qos_1: 0.05, qos_2: Number.POSITIVE_INFINITY, qos_3: 0 };
		const params = { cluster_0: "a", cluster_1: "b", cluster_2: "c", cluster_3: "d", max_cluster: "a" };
		expect(values(answer([record({ metrics, params })]))).toEqual({ b: { value: 0.05 } });
	});

	test.each([
		[{ metrics: { max_qos: 1 } }, "run r1 has no qos_{i} that is a number"],
		[{ metrics: { qos_0: Number.NaN } }, "run r1 has no qos_{i} that is a number"],
		[{ metrics: { qos_0: 0, qos_1: 0 } }, "run r1 has latencies of 0 only, which stand for what was not measured"],
		[{ params: { max_cluster: "edge" } }, "run r1 does not say of which nodes its qos_{i} are"],
		[{ metrics: { qos_0: -1, qos_1: 5000 } }, "run r1 has no value of layout reactive that latency can have"],
	])("%j: nothing, though an older run has values", (changes, message) => {
		expect(answer([record(changes), record({ id: "r0" })])).toEqual({ known: false, message });
	});

	test("a layout in which the other way is better", () => {
		expect(answer([record()], { objective: FPS })).toEqual({
			known: false,
			message:
				"in layout reactive less is better, but the objective fps is to Maximize; set objective.direction or another layout",
		});
	});
});

/** As a tracker gives back what was saved. */
function savedAs({ metrics, params, marks, tags, name, startTime, status }: TrackedRun) {
	return record({
		name,
		status,
		startedAt: startTime,
		tags,
		metrics: Object.fromEntries(metrics),
		params: { ...params, ...marks },
	});
}

test("what is saved in any layout, in either direction and any unit, reads the same", () => {
	const nodes = fc.dictionary(
		fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
		fc.option(fc.float({ min: Math.fround(0.01), max: 1000, noNaN: true }), { nil: undefined }),
		{ minKeys: 1, maxKeys: 8 },
	);
	const units = fc.constantFrom("seconds", "milliseconds", "frames_per_second");
	const directions = fc.constantFrom("Minimize" as const, "Maximize" as const);
	fc.assert(
		fc.property(
			nodes,
			fc.constantFrom(...TRACKING_LAYOUTS),
			directions,
			units,
			(predictions, layout, direction, unit) => {
				const candidates = Object.entries(predictions).map(([node, value]) =>
					candidate(node, value === undefined ? undefined : predicted(value, value / 10)),
				);
				const objective = { ...LATENCY, direction };
				const run = runOf(tracked(candidates, { objective, unit }), layout, { order: new NodeOrder([]), team: "t" });
				const found = answer([savedAs(run)], { selector: selector(layout), objective, unit });
				const known = Object.entries(predictions).filter(([, value]) => value !== undefined);
				expect(found.known).toBe(known.length > 0);
				if (!found.known) return;
				expect([...found.values.keys()].sort()).toEqual(known.map(([node]) => node).sort());
				for (const [node, value] of known) {
					const read = found.values.get(node);
					expect(read?.value).toBeCloseTo(value as number, 3);
					expect(read?.lower === undefined).toBe(layout !== "native");
				}
			},
		),
	);
});
