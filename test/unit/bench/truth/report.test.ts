import { describe, expect, it } from "vitest";
import type { Recording } from "../../../../bench/truth/recording.ts";
import { scoreOf } from "../../../../bench/truth/report.ts";
import type { Request } from "../../../../bench/truth/requests.ts";
import { tablesOf } from "../../../../bench/truth/tables.ts";

const START = 1_000_000;
const SECONDS = 600;

/** One app on one node, asked every second; predictions are twice too high while the world has just changed. */
function recording(): Recording {
	const latencyAt = (second: number): number => (second >= 400 ? 0.2 : 0.1);
	const requests = Array.from({ length: SECONDS }, (_, second): readonly Request[] => {
		const one = { at: START + second * 1000, app: "a", pod: "p", latency: latencyAt(second), ok: true };
		const probes = ["n", "m"].map(
			(node): Request => ({ ...one, kind: "probe", node, latency: node === "n" ? 0.1 : 0.3 }),
		);
		return [{ ...one, kind: "request", node: "n" }, ...probes];
	}).flat();
	const forecasts = [10, 320, 390, 440].map((second) => {
		const value = second === 390 ? 0.1 : latencyAt(second);
		const one = { value, lower: value * 0.9, upper: value * 1.1 };
		const predicted = new Map([
			["n", one],
			["m", { value: 0.3, lower: 0.2, upper: 0.4 }],
			// Nobody runs there, and nobody measured it.
			["control", { value: 0.001, lower: 0.001, upper: 0.001 }],
		]);
		return { app: "a", at: START + second * 1000, horizonSeconds: 30, node: "n", predicted };
	});
	return {
		policy: "auto",
		script: {
			seconds: SECONDS,
			nodes: [],
			apps: [{ name: "a", costMilliseconds: 10, rate: 1, cpuRequest: 40, target: 150 }],
			neighbours: [{ name: "batch", node: "n", from: 400, to: 700 }],
			troubles: [],
		},
		startedAt: START,
		forecasts,
		moves: [],
		requests,
		controllers: [{ pod: "one", resident: 150 * 2 ** 20, workingSet: 160 * 2 ** 20, cpu: 0.034 }],
	};
}

describe("scoreOf", () => {
	const score = scoreOf(recording());

	it("tells predictions of a settled world from all", () => {
		expect(score.predictions).toMatchObject({
			all: { count: 4 },
			calibrated: { count: 3 },
			settledWorld: { count: 3, error: expect.closeTo(0, 9), coverage: 1 },
			calibratedSettledWorld: { count: 2 },
		});
		expect(score.predictions?.all.error).toBeGreaterThan(0.08);
	});

	it("compares no node that has no probe, however good its prediction", () => {
		expect(score.predictions?.agreement).toEqual({ count: 4, share: 1 });
	});

	it("has tables that name what they show", () => {
		const tables = tablesOf([score]);
		expect(tables).toContain("| batch on n | 200 of 200 s |");
		expect(tables).toMatch(/\| auto \| settled world \(.*\) \| 3 \| 0.0 % \|/);
		expect(tables).toContain("| auto | one | 150 | 160 | 3.4 |");
	});
});
