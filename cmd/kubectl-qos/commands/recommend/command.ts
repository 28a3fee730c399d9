import { READ_FLAGS, readOptions, WATCH_FLAG } from "../../arguments/read.ts";
import { defineCommand } from "../command.ts";

/** `kubectl qos recommend`: stay or move, how much it gains, and why. */
export const recommend = defineCommand({
	name: "recommend",
	summary: "Show where Deployments should run, and why",
	description: [
		"GAIN is the gain of the recommended place as a share of the policy's target, ACTION what the controller would do",
		"now. With --exit-code: 0 when nothing should move, 1 when something should, 2 on any error.",
	].join("\n"),
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos recommend", "All Deployments of the namespace"],
		["kubectl qos recommend deploy/web -o wide", "With the sentence that explains it"],
		["kubectl qos recommend -A --sort-by=.status.recommended.gain", "The largest gain last"],
		["kubectl qos recommend deploy/web --exit-code", "For scripts: 1 when it should move"],
	],
	operands: "deployments",
	flags: [
		{ name: "exit-code", kind: "boolean", description: "Exit with 1 when a move is recommended, with 2 on errors" },
		WATCH_FLAG,
		...READ_FLAGS,
	],
	failure: { flag: "exit-code", exitCode: 2 },
	options: (flags, operands) => ({ ...readOptions(flags, operands), exitCode: flags.isSet("exit-code") }),
	run: async (options, context) => (await import("./run.ts")).run(options, context),
});
