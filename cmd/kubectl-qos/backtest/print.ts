import { writeFile } from "node:fs/promises";
import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import { Replay } from "../../../src/backtest/replay.ts";
import { badFile } from "../errors.ts";
import { formatTable } from "../output/table.ts";
import type { Terminal } from "../terminal.ts";
import type { BacktestOptions } from "./options.ts";
import { resultTable, writeJson } from "./output.ts";
import { printReplay } from "./replay.ts";
import { renderReport } from "./report/page.ts";
import { type Found, runBacktest } from "./run.ts";

/** Runs a backtest or a replay and prints what it found. @throws PluginError */
export async function backtestAndPrint(options: BacktestOptions, terminal: Terminal): Promise<void> {
	const found = await runBacktest(options, terminal);
	if (found instanceof Replay) {
		for (const line of unused(options)) terminal.note(line);
		printReplay(found, options.output, terminal);
		return;
	}
	if (options.report !== undefined) await writeReport(found, { trace: options.trace, path: options.report });
	for (const line of [summary(found), ...found.remarks]) terminal.note(line);
	if (options.output === "json") writeJson(terminal, found.result);
	else terminal.write(formatTable(resultTable(found.result), true));
}

/** A replay needs nothing but the log. */
function unused({ policy, direction, target, report }: BacktestOptions): readonly string[] {
	const given = Object.entries({ policy, direction, target, report }).filter(([, value]) => value !== undefined);
	if (given.length === 0) return [];
	return [`note: a decision log holds its own policies; not used: ${given.map(([name]) => `--${name}`).join(", ")}`];
}

async function writeReport({ everything, policy }: Found, { trace, path }: { trace: string; path: string }) {
	try {
		await writeFile(path, renderReport({ result: everything, policy, trace }));
	} catch (error) {
		throw badFile(path, `the report cannot be written: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function summary({ result, policy }: Found): string {
	const { direction, target, metric } = policy.objective;
	const trace = `${result.rows} rows, ${result.ticks} ticks of ${formatDuration(result.stepSeconds)}, ${result.workloads} workload${result.workloads === 1 ? "" : "s"}`;
	return `${trace}; ${direction} ${metric}${target === undefined ? ", no target" : `, target ${target}`}`;
}
