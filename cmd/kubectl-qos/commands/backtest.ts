import { writeFile } from "node:fs/promises";
import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import { Replay } from "../../../src/backtest/replay.ts";
import { BACKTEST_FLAGS, type BacktestOptions, backtestOptions } from "../backtest/options.ts";
import { resultTable, writeJson } from "../backtest/output.ts";
import { printReplay } from "../backtest/replay.ts";
import { type Found, runBacktest } from "../backtest/run.ts";
import { badFile } from "../errors.ts";
import { formatTable } from "../output/table.ts";
import { defineCommand } from "./command.ts";

export const backtest = defineCommand({
	name: "backtest",
	summary: "Try a policy on a recorded trace beside others, or replay a decision log",
	usage: "--trace FILE [--policy FILE] [--compare all|NAME,...] [-o table|json] [--report FILE]",
	examples: [
		["kubectl qos backtest --trace trace.csv --direction Maximize", "The default policy on a trace of predictions"],
		["kubectl qos backtest --trace trace.csv.gz --policy policy.yaml --compare all", "Beside all other policies"],
		["kubectl qos backtest --trace decisions.jsonl", "Decide again what a controller's decision log holds"],
	],
	flags: BACKTEST_FLAGS,
	options: backtestOptions,
	run: async (options, { terminal }) => {
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
	},
});

/** A replay needs nothing but the log. */
function unused({ policy, direction, target, report }: BacktestOptions): readonly string[] {
	const given = Object.entries({ policy, direction, target, report }).filter(([, value]) => value !== undefined);
	if (given.length === 0) return [];
	return [`note: a decision log holds its own policies; not used: ${given.map(([name]) => `--${name}`).join(", ")}`];
}

async function writeReport({ everything, policy }: Found, { trace, path }: { trace: string; path: string }) {
	const { renderReport } = await import("../backtest/report/page.ts");
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
