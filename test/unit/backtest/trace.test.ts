import { describe, expect, it } from "vitest";
import { readTrace } from "../../../src/backtest/trace/read.ts";
import type { Tick } from "../../../src/backtest/trace/ticks.ts";
import { batches } from "./support.ts";

async function read(text: string, size?: number) {
	const { layout, ticks } = await readTrace(batches(text, size), { trustUnits: false });
	const all: Tick[] = [];
	for await (const tick of ticks) all.push(tick);
	return { layout, ticks: all };
}

describe("a predictions trace", () => {
	it("is read the same from CSV and JSON Lines, in whatever pieces", async () => {
		const csv = [
			"node,actual,time,workload,predicted,note",
			"a,1,2026-01-01T00:00:00Z,w,1.5,x",
			'"b, the ""second""\none",,2026-01-01T00:00:00Z,w,NaN,',
			"",
			"a,2,2026-01-01T00:05:00Z,w,2.5,x",
		].join("\n");
		const second = 'b, the "second"\none';
		const json = [
			{ time: "2026-01-01T00:00:00Z", workload: "w", node: "a", predicted: 1.5, actual: 1 },
			{ time: "2026-01-01T00:00:00Z", workload: "w", node: second, predicted: null, actual: null },
			{ time: "2026-01-01T00:05:00Z", workload: "w", node: "a", predicted: 2.5, actual: 2 },
		].map((row) => JSON.stringify(row));
		for (const text of [csv, json.join("\n")]) {
			for (const size of [1, 2, 100]) {
				const { layout, ticks } = await read(text, size);
				expect(layout.form).toBe("Predictions");
				expect(ticks.map(({ time }) => time)).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 5)]);
				const [first, last] = ticks.map(({ workloads }) => workloads[0]);
				expect(first?.nodes.names).toEqual(["a", second]);
				expect([...(first?.columns[0] ?? [])]).toEqual([1.5, Number.NaN]);
				expect([...(first?.columns[1] ?? [])]).toEqual([1, Number.NaN]);
				expect(first?.current).toBe(1);
				expect(last?.present).toEqual([0]);
			}
		}
	});

	it("starts where current says, else on the last node", async () => {
		const rows = (current: string) =>
			`time,workload,node,predicted,actual,current\n2026-01-01T00:00:00Z,w,a,1,1,${current}\n2026-01-01T00:00:00Z,w,b,1,1,`;
		expect((await read(rows("a"))).ticks[0]?.workloads[0]?.current).toBe(0);
		expect((await read(rows(""))).ticks[0]?.workloads[0]?.current).toBe(1);
	});

	it.each([
		["2026-01-01T01:00:00+01:00", 0],
		["2026-01-01T01:00:00+0100", 0],
		["2026-01-01 00:00:00", 0],
		["2026-01-01", 0],
		["2026-01-01T00:00:00.250Z", 250],
		["2026-01-01T00:00:00.250123Z", 250],
		["1767225600", 0],
		["1767225600.5", 500],
		["1767225600000", 0],
	])("takes %s as a time", async (time, after) => {
		const { ticks } = await read(`time,workload,node,predicted,actual\n${time},w,a,1,1`);
		expect(ticks[0]?.time).toBe(Date.UTC(2026, 0, 1) + after);
	});

	it.each(["", "NaN", "nan", "null", "None", "NA", "inf", "-Infinity", "1e999"])(
		"takes %j as Unknown",
		async (text) => {
			const { ticks } = await read(`time,workload,node,predicted,actual\n2026-01-01,w,a,${text},1`);
			expect(ticks[0]?.workloads[0]?.columns[0]?.[0]).toBeNaN();
		},
	);
});

it("anything else is a metrics trace", async () => {
	const { layout } = await read("time,workload,node,latency,node_cpu_usage\n2026-01-01,w,a,0.1,2");
	expect(layout).toMatchObject({ form: "Metrics", values: ["latency", "node_cpu_usage"] });
});
