import fc from "fast-check";
import { expect, it } from "vitest";
import { Learned } from "../../../src/core/calibration/learned.ts";
import { restore, stateOf } from "../../../src/core/calibration/state.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { lived, outcome, prediction } from "./histories.ts";
import { BASIS, calibrated } from "./streams.ts";

const MOST = 3_000;

it("survives a restart", () => {
	fc.assert(
		fc.property(fc.array(outcome, { minLength: 1, maxLength: 40 }), prediction, (history, raw) => {
			const learned = new Learned();
			lived(history, 1, learned.calibration);
			for (const { workload, node, ratio } of history)
				learned.speeds.observe({ workload, node, time: ratio, windows: 1 });
			const state = JSON.parse(JSON.stringify(stateOf(learned, MOST)));
			const restarted = new Learned();
			restore(restarted, state);
			for (const workload of ["x/1", "x/2", "x/3"] as const) {
				for (const place of [{ node: "a" }, { node: "b", on: ["a"] }, { node: "z", on: ["a"] }]) {
					const before = calibrated(learned.calibration, raw, { workload, ...place });
					const after = calibrated(restarted.calibration, raw, { workload, ...place });
					expect(Math.abs(after.value / before.value - 1)).toBeLessThan(0.002);
					expect(Math.abs((after.upper - after.lower) / (before.upper - before.lower) - 1)).toBeLessThan(0.01);
				}
			}
			for (const node of ["a", "b"]) expect(restarted.speeds.of(node) / learned.speeds.of(node)).toBeCloseTo(1, 2);
			// What was restored is saved as it was.
			expect(stateOf(restarted, MOST)).toEqual(state);
		}),
	);
});

it("keeps the most recently used, within half a megabyte for a large cluster", () => {
	const learned = new Learned();
	const raw = { value: 123.456, lower: 100.123, upper: 150.789 };
	for (let app = 0; app < 1_500; app += 1) {
		const workload: WorkloadKey = `some-namespace-${app % 40}/a-deployment-with-a-name-${app}`;
		for (let visit = 0; visit < 4; visit += 1) {
			const node = `node-pool-workers-${(app * 7 + visit * 13) % 5_000}.example.internal`;
			const at = (visit * 1_500 + app) * 300_000;
			learned.calibration.learn({
				workload,
				node,
				basis: BASIS,
				raw,
				issued: raw,
				actual: 100 + app / 7 + visit,
				at,
				horizonSeconds: 300,
			});
			learned.speeds.observe({ workload, node, time: 0.123456 + app, windows: 0.1 });
		}
	}
	const state = stateOf(learned, MOST);
	expect(state.families[0]?.pairs).toHaveLength(MOST);
	expect(JSON.stringify(state).length).toBeLessThan(500 * 1024);
	// Of the last two visits of every workload.
	expect(state.families[0]?.workloads).toHaveLength(1_500);
	learned.prune(() => true, 100);
	expect(stateOf(learned, MOST).families[0]?.pairs).toHaveLength(100);
});

it("leaves out rows that name nothing", () => {
	const learned = new Learned();
	const family = { basis: BASIS, all: [0, 0, 0.5, 1], arrivals: [0, 0], workloads: [[7, 0, 0, 0, 0.5, 1]] } as const;
	const rows = { pairs: [[0, 9, 0, 0, 0]], staying: [[3, 0, 0.5, 0.1, 1]], arriving: [] } as const;
	restore(learned, {
		version: 1,
		workloads: ["x/1"],
		nodes: ["a"],
		families: [{ ...family, ...rows }],
		visits: [[0, 5, 1, 1, 1]],
	});
	expect(calibrated(learned.calibration, { value: 100, lower: 90, upper: 110 }, { workload: "x/1" }).value).toBe(100);
});
