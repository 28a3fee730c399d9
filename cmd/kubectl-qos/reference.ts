import type { FlagDefinition } from "./arguments/flags.ts";
import { GLOBAL_FLAGS } from "./arguments/global.ts";
import { COMMANDS } from "./commands/all.ts";
import type { CommandDefinition } from "./commands/command.ts";

const NOTE = "Made from the command's definition by `npm run docs:build`; do not edit.";

/** The reference pages of the plugin, in Markdown, by file name: one per command, and a list of all. */
export function referencePages(): ReadonlyMap<string, string> {
	const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
	return new Map([
		["README.md", overview(shown)],
		...shown.map((command) => [fileOf(command), page(command)] as const),
	]);
}

function fileOf({ name }: CommandDefinition): string {
	return `${name.replaceAll(" ", "-")}.md`;
}

function overview(commands: readonly CommandDefinition[]): string {
	return [
		"# kubectl qos",
		"",
		NOTE,
		"",
		"| command | does |",
		"|---|---|",
		...commands.map((command) => `| [\`${command.name}\`](${fileOf(command)}) | ${command.summary} |`),
		"",
		"## Options of every command",
		"",
		...flagTable(GLOBAL_FLAGS),
		"",
		"Exit codes: 0, 1 for any error, 130 on Ctrl-C, 141 on a closed pipe; the same for every output format.",
		"",
	].join("\n");
}

function page(command: CommandDefinition): string {
	const { name, summary, description, usage, examples, flags } = command;
	return [
		`# kubectl qos ${name}`,
		"",
		NOTE,
		"",
		`${summary}.`,
		"",
		...(description === undefined ? [] : [escape(description), ""]),
		"```",
		`kubectl qos ${name} ${usage}`.trimEnd(),
		"```",
		"",
		"## Examples",
		"",
		"```sh",
		...examples.flatMap(([line, meaning]) => [`# ${meaning}`, line]),
		"```",
		...(flags.length > 0 ? ["", "## Options", "", ...flagTable(flags)] : []),
		"",
		"Options of every command are in the [overview](README.md).",
		"",
	].join("\n");
}

function flagTable(flags: readonly FlagDefinition[]): readonly string[] {
	const sorted = flags.toSorted((left, right) => (left.name < right.name ? -1 : 1));
	return [
		"| option | default | meaning |",
		"|---|---|---|",
		...sorted.map((flag) => {
			const short = flag.short === undefined ? "" : `\`-${flag.short}\`, `;
			const fallback = flag.default === undefined ? "" : `\`${String(flag.default)}\``;
			return `| ${short}\`--${flag.name}\` | ${fallback} | ${escape(flag.description)} |`;
		}),
	];
}

function escape(text: string): string {
	return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
