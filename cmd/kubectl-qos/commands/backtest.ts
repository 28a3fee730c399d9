import { writeFile } from "node:fs/promises";
import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import { BACKTEST_FLAGS, backtestOptions } from "../backtest/options.ts";
import { resultTable, writeJson } from "../backtest/output.ts";
import { type Found, runBacktest } from "../backtest/run.ts";
import { badFile } from "../errors.ts";
import { formatTable } from "../output/table.ts";
import { defineCommand } from "./command.ts";

export const backtest = defineCommand({
	name: "backtest",
	summary: "Try a policy on a recorded trace, beside simpler policies and an oracle",
	usage: "--trace FILE [--policy FILE] [--compare all|NAME,...] [-o table|json] [--report FILE]",
	examples: [
		["kubectl qos backtest --trace trace.csv --direction Maximize", "The default policy on a trace of predictions"],
		["kubectl qos backtest --trace trace.csv.gz --policy policy.yaml --compare all", "Beside all other policies"],
	],
	flags: BACKTEST_FLAGS,
	options: backtestOptions,
	run: async (options, { terminal }) => {
		const found = await runBacktest(options, terminal);
		if (options.report !== undefined) await writeReport(found, { trace: options.trace, path: options.report });
		for (const line of [summary(found), ...found.remarks]) terminal.note(line);
		if (options.output === "json") writeJson(terminal, found.result);
		else terminal.write(formatTable(resultTable(found.result), true));
	},
});

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
