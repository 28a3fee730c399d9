import { OUTPUT_FLAG, valueOutputOf } from "../arguments/flags.ts";
import { usage } from "../errors.ts";
import { defineCommand } from "./command.ts";

/** What `version` is asked for. */
export interface VersionOptions {
	readonly client: boolean;
	readonly output: "json" | "yaml" | undefined;
}

/** `kubectl qos version`: of the plugin, the API server and the served API. */
export const version = defineCommand({
	name: "version",
	summary: "Show the versions of the plugin and of what the cluster serves",
	usage: "",
	examples: [["kubectl qos version --client", "Ask no cluster"]],
	flags: [{ name: "client", kind: "boolean", description: "Only the plugin's own version" }, OUTPUT_FLAG],
	options: (flags, operands): VersionOptions => {
		if (operands.length > 0) throw usage(`extra arguments: [${operands.join(" ")}]`);
		return { client: flags.isSet("client"), output: valueOutputOf(flags) };
	},
	run: async (options, context) => (await import("../version/run.ts")).runVersion(options, context),
});
