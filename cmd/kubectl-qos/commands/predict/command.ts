import type { FlagValues } from "../../arguments/flags.ts";
import { READ_FLAGS, type ReadOptions, readOptions, WATCH_FLAG } from "../../arguments/read.ts";
import { usage } from "../../errors.ts";
import { defineCommand } from "../command.ts";

export interface PredictOptions extends ReadOptions {
	/** Best nodes per Deployment; the current one comes on top. */
	readonly top: number;
	/** Empty: not restricted. */
	readonly nodes: readonly string[];
	readonly refresh: boolean;
}

const TOP = 10;

/** `kubectl qos predict`: what QoS each Deployment would have on each node. */
export const predict = defineCommand({
	name: "predict",
	summary: "Show the predicted QoS of Deployments on every node",
	description: [
		"The node where the Deployment runs is marked with *. SLO tells whether the prediction keeps the policy's target,",
		"FEASIBLE whether the scheduler would let its pods run there. What is not known is <unknown>, never 0.",
	].join("\n"),
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos predict deploy/web", "One Deployment on its best nodes and where it runs"],
		["kubectl qos predict deploy/web --all-nodes -o wide", "On every node, with why it cannot run there"],
		["kubectl qos predict -A --top 1", "The best node of every Deployment"],
		["kubectl qos predict deploy/web --node edge-2", "On one node"],
		["kubectl qos predict deploy/web --refresh", "After a fresh evaluation; needs to create QoSJobs"],
		["kubectl qos predict deploy/web -o json", "The QoSReport behind it"],
	],
	operands: "deployments",
	flags: [
		{ name: "top", kind: "string", default: String(TOP), description: "Show this many of the best nodes; 0: all" },
		{ name: "all-nodes", kind: "boolean", description: "Show every node of the report" },
		{ name: "node", kind: "list", description: "Show this node only; may be repeated", completion: "nodes" },
		{
			name: "refresh",
			kind: "boolean",
			description: "Have the controller evaluate now, by a QoSJob that runs once; needs permission to create QoSJobs",
		},
		WATCH_FLAG,
		...READ_FLAGS,
	],
	options: predictOptions,
	run: async (options, context) => (await import("./run.ts")).run(options, context),
});

function predictOptions(flags: FlagValues, operands: readonly string[]): PredictOptions {
	const top = flags.text("top") ?? String(TOP);
	if (!/^\d+$/.test(top)) throw usage(`invalid argument "${top}" for "--top" flag: write a number of nodes`);
	if (flags.isGiven("top") && flags.isSet("all-nodes")) throw usage("--top and --all-nodes exclude each other");
	const nodes = flags.list("node");
	const all = flags.isSet("all-nodes") || top === "0" || nodes.length > 0;
	return {
		...readOptions(flags, operands),
		top: all ? Number.POSITIVE_INFINITY : Number(top),
		nodes,
		refresh: flags.isSet("refresh"),
	};
}
