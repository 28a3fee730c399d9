import { durationOf, type FlagValues } from "../../arguments/flags.ts";
import { READ_FLAGS, type ReadOptions, readOptions } from "../../arguments/read.ts";
import { usage } from "../../errors.ts";
import { defineCommand } from "../command.ts";

export interface TopOptions extends ReadOptions {
	/** ms between two looks. */
	readonly interval: number;
	readonly once: boolean;
}

const KEPT = ["all-namespaces", "selector", "field-selector"];

/** `kubectl qos top`: apps x nodes as a heat map, live. */
export const top = defineCommand({
	name: "top",
	summary: "Watch predicted QoS of Deployments x nodes as a heat map, with moves",
	description: [
		"A cell is the predicted QoS of a Deployment on a node as a share of the policy's target. Colours follow the share,",
		"and so do symbols, so that it reads without colour (NO_COLOR): + well within the target, o within, ! nearly at it,",
		"X beyond, - the node is not feasible, ? unknown. [ ] marks where it runs, > the place that is recommended.",
		"",
		"Keys: q leaves, arrows or h j k l scroll, + and - change the interval.",
	].join("\n"),
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos top -A", "All namespaces, until q is pressed"],
		["kubectl qos top -n shop --once", "One picture, which may go through a pipe"],
	],
	operands: "deployments",
	flags: [
		{ name: "interval", kind: "string", default: "2s", description: "Time between two looks" },
		{ name: "once", kind: "boolean", description: "Print one picture and end" },
		...READ_FLAGS.filter(({ name }) => KEPT.includes(name)),
	],
	options: (flags: FlagValues, operands: readonly string[]): TopOptions => {
		const interval = durationOf(flags, "interval") ?? 0;
		if (interval < 200) throw usage("--interval must be at least 200ms");
		return { ...readOptions(flags, operands), interval, once: flags.isSet("once") };
	},
	run: async (options, context) => (await import("./run.ts")).run(options, context),
});
