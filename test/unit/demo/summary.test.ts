import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	formatElapsed,
	formatLatency,
	quantile,
	summarise,
	summaryOfSamples,
	summaryTable,
} from "../../../demo/summary.ts";
import { sampleRecord } from "./sample-record.ts";

function samples(...values: (number | undefined)[]) {
	return values.map((value, at) => ({ at, value }));
}

describe("summaryOfSamples", () => {
	it("counts seconds above the target and seconds without an answer as violations", () => {
		expect(summaryOfSamples(samples(0.1, 0.2, undefined, 0.3), 0.2)).toEqual({
			mean: expect.closeTo(0.2, 12),
			p95: 0.3,
			violationSeconds: 2,
			silentSeconds: 1,
			seconds: 4,
		});
	});

	it("has no number where nothing was answered, never zero", () => {
		const summary = summaryOfSamples(samples(undefined, undefined), 0.2);
		expect(summary.mean).toBeUndefined();
		expect(summary.p95).toBeUndefined();
		expect(summary.violationSeconds).toBe(2);
	});
});

describe("quantile", () => {
	it("is a value at or below which at least the share of values lies", () => {
		const values = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1 });
		fc.assert(
			fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, share) => {
				const sorted = list.toSorted((a, b) => a - b);
				const value = quantile(sorted, share) ?? Number.NaN;
				expect(sorted).toContain(value);
				expect(sorted.filter((other) => other <= value).length).toBeGreaterThanOrEqual(share * sorted.length - 1e-9);
			}),
		);
	});
});

describe("summarise", () => {
	it("judges each app by its own target and adds the violations up", () => {
		const record = sampleRecord();
		const rows = summarise(record);
		const total = rows.at(-1);
		expect(rows.map((row) => row.app)).toEqual(["web", "orders", "search", "all apps"]);
		const sum = rows.slice(0, -1).reduce((seconds, row) => seconds + row.halves.without.violationSeconds, 0);
		expect(total?.halves.without.violationSeconds).toBe(sum);
		expect(rows[0]?.halves.with.violationSeconds).toBeLessThan(rows[0]?.halves.without.violationSeconds ?? 0);
	});

	it("makes a table of two rows per app under one header", () => {
		const table = summaryTable(sampleRecord());
		expect(table).toHaveLength(1 + 2 * 4);
		expect(table[1]?.slice(0, 2)).toEqual(["web", "kubectl-qos"]);
	});
});

describe("formats", () => {
	it.each([
		[undefined, "–"],
		[Number.NaN, "–"],
		[0.0042, "4.2 ms"],
		[0.0418, "42 ms"],
		[0.9994, "999 ms"],
		[1.26, "1.3 s"],
		[31.2, "31 s"],
	])("latency %s as %s", (seconds, text) => expect(formatLatency(seconds)).toBe(text));

	it.each([
		[-1, "0:00"],
		[9.9, "0:09"],
		[75, "1:15"],
		[600, "10:00"],
	])("elapsed %s as %s", (seconds, text) => expect(formatElapsed(seconds)).toBe(text));
});
