import { describe, expect, it } from "vitest";
import { TraceError } from "../../../src/backtest/trace/lines.ts";
import { readTrace } from "../../../src/backtest/trace/read.ts";
import { batches } from "./support.ts";

const HEADER = "time,workload,node,predicted,actual";
const T0 = "2026-01-01T00:00:00Z";
const T1 = "2026-01-01T00:05:00Z";

async function complaint(text: string, size = 1000): Promise<string> {
	try {
		const { ticks } = await readTrace(batches(text, size), { trustUnits: false });
		for await (const _ of ticks);
	} catch (error) {
		if (!(error instanceof TraceError)) throw error;
		expect(error.message).not.toContain("\n");
		return `${error.line}: ${error.message}`;
	}
	throw new Error("nothing was wrong");
}

describe("a bad trace is refused with its line and how to mend it", () => {
	it.each([
		["nothing", "", /^1: the file is empty/],
		["only a header", `${HEADER}\n`, /^1: .*no rows; write the rows/],
		["one column missing", `time,workload,node,predicted\n${T0},w,a,1`, /^1: the column actual is missing/],
		["two columns missing", "time,node,actual\n", /^1: the columns workload, predicted are missing/],
		["no figures", "time,workload,node\n", /^1: there is neither a column predicted nor a metric/],
		["half an interval", "time,workload,node,predicted,lower,actual\n", /^1: .*column lower but none upper/],
		["a column twice", `${HEADER},actual\n`, /^1: the column "actual" is there twice/],
		["semicolons", "time;workload;node;predicted;actual\n", /^1: .*use commas/],
		["time that goes back", `${HEADER}\n${T1},w,a,1,1\n${T0},w,a,1,1`, /^3: time goes back.*sort/],
		["a row twice", `${HEADER}\n${T0},w,a,1,1\n${T0},w,b,1,1\n${T0},w,a,2,2`, /^4: .*w on a.*is there twice/],
		["an unknown node", `${HEADER},current\n${T0},w,a,1,1,zz`, /^2: current is "zz", a node without a row/],
		["two current nodes", `${HEADER},current\n${T0},w,a,1,1,a\n${T0},w,b,1,1,b`, /^3: current is both "a" and "b"/],
		["no number", `${HEADER}\n${T0},w,a,1,1\n${T1},w,a,1,much`, /^3: actual is "much"; write a number/],
		["a unit", `${HEADER}\n${T0},w,a,120ms,0.1`, /^2: predicted is "120ms", with the unit ms; write plain/],
		["a decimal comma", `${HEADER}\n${T0},w,a,"1,5",0.1`, /^2: .*decimal point/],
		["no time", `${HEADER}\nyesterday,w,a,1,1`, /^2: time is "yesterday"; write ISO 8601/],
		["a day that is none", `${HEADER}\n2026-02-30T00:00:00Z,w,a,1,1`, /^2: time is "2026-02-30/],
		["an ambiguous number as time", `${HEADER}\n20260101,w,a,1,1`, /^2: time is "20260101"/],
		["a field too few", `${HEADER}\n${T0},w,a,1`, /^2: the row has 4 fields and the header 5/],
		["no node", `${HEADER}\n${T0},w,,1,1`, /^2: node is empty/],
		["an open quote", `${HEADER}\n${T0},"w,a,1,1\n${T1},w,a,1,1`, /^2: a quote is opened here and never closed/],
		["a quote within a field", `${HEADER}\n${T0},w"x"y,a,1,1`, /^2: a quote stands in the middle/],
		["no JSON", `{"time":"${T0}","workload":"w","node":"a","predicted":1,"actual":1}\n{oops`, /^2: .*not JSON/],
		[
			"no object",
			`{"time":"${T0}","workload":"w","node":"a","predicted":1,"actual":1}\n[1]`,
			/^2: .*not a JSON object/,
		],
		["an object as number", `{"time":"${T0}","workload":"w","node":"a","predicted":{},"actual":1}`, /^1: predicted is/],
	])("%s", async (_, text, expected) => {
		expect(await complaint(text)).toMatch(expected);
		expect(await complaint(text, 1)).toMatch(expected);
	});
});

/** Ten ticks of two nodes; `unit` says by what a row's numbers are multiplied. */
type Units = (tick: number, node: number) => readonly [predicted: number, actual: number];
function inUnits(unit: Units): string {
	const rows = Array.from({ length: 20 }, (_, index) => {
		const [tick, node] = [Math.floor(index / 2), index % 2];
		const value = 0.05 + 0.02 * node + 0.001 * tick;
		const [predicted, actual] = unit(tick, node);
		return `2026-01-01T00:${String(tick).padStart(2, "0")}:00Z,w,n${node},${value * predicted},${value * actual}`;
	});
	return [HEADER, ...rows].join("\n");
}

describe("two units in one trace", () => {
	const cases: readonly (readonly [string, Units, number])[] = [
		["from one row on", (tick) => (tick < 6 ? [1, 1] : [1000, 1000]), 14],
		["on one node", (_, node) => (node === 0 ? [1, 1] : [1000, 1000]), 3],
		["predicted against actual", () => [1000, 1], 2],
	];
	it.each(cases)("%s", async (_, unit, line) => {
		expect(await complaint(inUnits(unit))).toMatch(
			new RegExp(`^${line}: values of w come in two sizes.*--trust-units`),
		);
	});

	it("is not seen in outliers, nor in what grows", async () => {
		const outlier = inUnits((tick, node) => [tick === 3 && node === 0 ? 1000 : 1, 1]);
		await expect(complaint(outlier)).rejects.toThrow("nothing was wrong");
		const growing = inUnits((tick) => [2 ** tick, 2 ** tick]);
		await expect(complaint(growing)).rejects.toThrow("nothing was wrong");
	});
});
