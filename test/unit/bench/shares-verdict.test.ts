import { describe, expect, it } from "vitest";
import type { Row } from "../../../bench/shares/rows.ts";
import { SITUATIONS } from "../../../bench/shares/situations.ts";
import { verdicts } from "../../../bench/shares/verdict.ts";

type Latencies = readonly [measured: number, before: number, there: number];

function rowOf(name: string, [measured, before, there]: Latencies): Row {
	const situation = SITUATIONS.find((known) => known.name === name);
	if (!situation) throw new Error(`no situation ${name}`);
	const moment = { now: 0, samples: [] };
	return {
		situation,
		seen: {
			situation: name,
			nodes: [],
			before: moment,
			there: moment,
			createdAt: 0,
			latency: measured,
			measured,
			cpu: 0.1,
			throttled: null,
			requests: [],
		},
		before: { value: before, lower: 0, upper: 1 },
		there: { value: there, lower: 0, upper: 1 },
	};
}

function fails(below: Latencies): readonly string[] {
	const alone = rowOf("alone", [0.01, 0.01, 0.01]);
	const rows = [alone, rowOf("limit-tight", [0.03, 0.025, 0.035]), rowOf("limit-below", below)];
	return verdicts(rows, alone).flatMap(({ what, holds }) => (holds ? [] : [what]));
}

describe("the verdict on shares and limits", () => {
	it("finds nothing amiss where a cliff was measured and foreseen, however deep", () => {
		expect(fails([5, 0.3, 0.8])).toEqual([]);
	});

	it("names a cliff that was not foreseen", () => {
		const [cliff, order, factor, ...others] = fails([5, 0.02, 0.8]);
		expect(cliff).toBe("a limit below demand is a cliff: measured 500 times, predicted 2 before, 80 there");
		expect(order).toContain("before: 2 of 3 pairs");
		expect(order).toContain("limit-below < limit-tight");
		expect(factor).toContain("before: 2 of 3 slowdowns");
		expect(others).toEqual([]);
	});
});
