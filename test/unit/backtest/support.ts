import { type BacktestResult, backtest } from "../../../src/backtest/backtest.ts";
import { actualOf, predictionContender } from "../../../src/backtest/contender.ts";
import { ORACLE, OURS } from "../../../src/backtest/policies/names.ts";
import { POLICIES } from "../../../src/backtest/policies/policies.ts";
import { readTrace } from "../../../src/backtest/trace/read.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { policy } from "../cluster-core/builders.ts";
import { random } from "../recommendation/simulation.ts";

export const maximize = policy({
	objective: { metric: "qos", direction: "Maximize", target: 25, horizonSeconds: 300, aggregate: "Mean" },
});

/** The lines of a trace in batches of some size, as a file gives them. */
export async function* batches(text: string, size = 1000) {
	const lines = text.split("\n");
	for (let from = 0; from < lines.length; from += size) {
		yield { first: from + 1, lines: lines.slice(from, from + size) };
	}
}

/** All policies on the trace. */
export async function compare(trace: string, tried: Policy = maximize): Promise<BacktestResult> {
	const { ticks } = await readTrace(batches(trace), { trustUnits: true });
	const contenders = Object.entries(POLICIES).map(([name, create]) => predictionContender(name, create, tried));
	return backtest(ticks, { objective: tried.objective, contenders, actual: actualOf });
}

export function of(result: BacktestResult, name: string) {
	const found = result.policies.find((one) => one.name === name);
	if (!found) throw new Error(`no ${name}`);
	return found;
}

export { ORACLE, OURS };

const FIRST = Date.UTC(2026, 0, 1);
const STEP_MS = 300_000;

export function timeAt(tick: number): string {
	return new Date(FIRST + tick * STEP_MS).toISOString();
}

/** A trace of one workload: `truth` per tick and node; predictions err by U(0, `noise`). */
export function trace(
	truth: (tick: number) => readonly number[],
	{ ticks, noise = 0, seed = 1 }: TraceOptions,
): string {
	const next = random(seed);
	const lines = ["time,workload,node,predicted,actual"];
	for (let tick = 0; tick < ticks; tick += 1) {
		for (const [node, value] of truth(tick).entries()) {
			lines.push(`${timeAt(tick)},shop/web,node-${node},${value + next() * noise},${value}`);
		}
	}
	return `${lines.join("\n")}\n`;
}

interface TraceOptions {
	readonly ticks: number;
	readonly noise?: number;
	readonly seed?: number;
}
