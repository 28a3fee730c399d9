import { READ_FLAGS, type ReadOptions, readOptions } from "../../arguments/read.ts";
import { usage } from "../../errors.ts";
import { defineCommand } from "../command.ts";

export interface ExplainOptions extends ReadOptions {
	/** Empty: every node. */
	readonly nodes: readonly string[];
}

/** `kubectl qos explain`: a sentence with its numbers for every node. */
export const explain = defineCommand({
	name: "explain",
	summary: "Explain why each node is recommended, outranked or rejected",
	usage: "TYPE/NAME...",
	examples: [
		["kubectl qos explain deploy/web", "Every node in a sentence, the best first"],
		["kubectl qos explain deploy/web --node edge-7", "One node"],
	],
	operands: "deployments",
	flags: [
		{ name: "node", kind: "list", description: "Explain this node only; may be repeated", completion: "nodes" },
		...READ_FLAGS.filter(({ name }) => !["no-headers", "sort-by", "chunk-size"].includes(name)),
	],
	options: (flags, operands): ExplainOptions => {
		const options = readOptions(flags, operands);
		const isAnything = options.allNamespaces || options.selector !== undefined || options.files.length > 0;
		if (options.names.length === 0 && !isAnything) throw usage("name a Deployment: TYPE/NAME", "explain");
		return { ...options, nodes: flags.list("node") };
	},
	run: async (options, context) => (await import("./run.ts")).run(options, context),
});
