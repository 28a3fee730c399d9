import { GLOBAL_FLAGS } from "../arguments/global.ts";
import { describeFlags } from "../help.ts";
import { defineCommand } from "./command.ts";

/** `kubectl qos options`: the flags that every command takes, as `kubectl options` lists kubectl's. */
export const options = defineCommand({
	name: "options",
	summary: "List the flags that every command takes",
	usage: "",
	examples: [["kubectl qos options", "Flags that choose the cluster, the user and the namespace"]],
	flags: [],
	options: () => undefined,
	run: (_, { terminal }) => {
		terminal.write(`The following options can be passed to any command:\n\n${describeFlags(GLOBAL_FLAGS)}\n`);
		return Promise.resolve();
	},
});
