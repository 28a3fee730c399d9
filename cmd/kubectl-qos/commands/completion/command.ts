import { type CommandSyntax } from "../../arguments/parse.ts";
import { usage } from "../../errors.ts";
import { type Command, type CommandDefinition, defineCommand } from "../command.ts";

/** `kubectl qos completion install`: makes kubectl complete the plugin, which krew does not. */
export const installCompletion = defineCommand({
	name: "completion install",
	summary: "Let kubectl complete 'kubectl qos'",
	description: [
		"kubectl asks a program kubectl_complete-qos on PATH. This makes it a link to the plugin, in the plugin's own",
		"folder or in --dir. kubectl's own completion must be loaded in the shell: see 'kubectl completion --help'.",
	].join("\n"),
	usage: "",
	examples: [
		["kubectl qos completion install", "Beside the plugin"],
		["kubectl qos completion install --dir ~/bin", "In another folder of PATH"],
	],
	flags: [
		{
			name: "dir",
			kind: "string",
			description: "Folder of PATH for the link; default: the plugin's",
			completion: "files",
		},
	],
	options: (flags, operands) => {
		if (operands.length > 0) throw usage(`extra arguments: [${operands.join(" ")}]`);
		return { dir: flags.text("dir") };
	},
	run: async (options, { terminal }) => (await import("./install.ts")).install(options.dir, terminal),
});

/** `kubectl qos __complete WORD...`: what kubectl asks for when the user presses Tab after the last word. */
export function completeCommand(commands: () => readonly (CommandDefinition & CommandSyntax)[]): Command {
	return {
		name: "__complete",
		summary: "Answer kubectl's request for completions",
		usage: "WORD...",
		examples: [],
		flags: [],
		hidden: true,
		prepare:
			(_, words) =>
			async ({ terminal }) =>
				(await import("./complete.ts")).complete(words, commands(), terminal),
	};
}
