import { durationOf, type FlagValues } from "../../arguments/flags.ts";
import { READ_FLAGS, type ReadOptions, readOptions } from "../../arguments/read.ts";
import { usage } from "../../errors.ts";
import { defineCommand } from "../command.ts";

export interface HistoryOptions extends ReadOptions {
	/** ms; absent: since ever. */
	readonly since: number | undefined;
	/** 0: all. */
	readonly limit: number;
}

/** `kubectl qos history`: what was moved, by whom, and what came of it. */
export const history = defineCommand({
	name: "history",
	summary: "Show the migrations of Deployments with promise against measurement",
	description: [
		"The newest first. TRIGGER is Automatic for the controller's own moves, Forced where something was overridden, else",
		"Requested. The controller keeps the last 10 migrations of each Deployment.",
	].join("\n"),
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos history deploy/web", "Every move of one Deployment that is kept"],
		["kubectl qos history -A --since 1h", "What was moved in the last hour"],
		["kubectl qos history deploy/web --limit 1 -o wide", "The last move, with why it ended as it did"],
	],
	operands: "deployments",
	flags: [
		{ name: "since", kind: "string", description: "Only migrations younger than this (30m, 2h)" },
		{ name: "limit", kind: "string", default: "0", description: "At most this many; 0: all" },
		...READ_FLAGS.filter(({ name }) => name !== "chunk-size" && name !== "sort-by"),
		{
			name: "sort-by",
			kind: "string",
			description: "Sort by a field of the QoSMigration, as a JSONPath such as .status.measured",
		},
	],
	options: (flags: FlagValues, operands: readonly string[]): HistoryOptions => {
		const limit = flags.text("limit") ?? "0";
		if (!/^\d+$/.test(limit)) throw usage(`invalid argument "${limit}" for "--limit" flag: write a number`);
		return { ...readOptions(flags, operands), since: durationOf(flags, "since"), limit: Number(limit) };
	},
	run: async (options, context) => (await import("./run.ts")).run(options, context),
});
