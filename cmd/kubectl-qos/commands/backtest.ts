import { BACKTEST_FLAGS, backtestOptions } from "../backtest/options.ts";
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
		// Only here: no other command should wait for all that a backtest needs.
		const { backtestAndPrint } = await import("../backtest/print.ts");
		await backtestAndPrint(options, terminal);
	},
});
