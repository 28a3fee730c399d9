import type { FlagDefinition } from "./arguments/flags.ts";
import type { CommandDefinition } from "./commands/command.ts";

/** Help as kubectl lays it out: what it does, examples, options, usage. Every text ends with a line break. */

const SUMMARY = "Predict the QoS of Deployments on every node, and move them where it is best.";

export interface Catalogue {
	readonly commands: readonly CommandDefinition[];
	readonly groups: Readonly<Record<string, string>>;
}

export function rootHelp({ commands, groups }: Catalogue): string {
	const rows = new Map<string, string>();
	for (const { name, summary, hidden } of commands) {
		const [first = name] = name.split(" ");
		if (!hidden) rows.set(first, groups[first] ?? summary);
	}
	return [
		SUMMARY,
		section("Commands", listed([...rows])),
		section("Usage", ["  kubectl qos COMMAND [options]"]),
		'Use "kubectl qos COMMAND --help" for more information about a given command.\n' +
			'Use "kubectl qos options" for a list of global command-line options (applies to all commands).\n',
	].join("\n\n");
}

export function groupHelp(group: string, { commands, groups }: Catalogue): string {
	const own = commands.filter(({ name }) => name.startsWith(`${group} `));
	const rows = own.map(({ name, summary }) => [name.slice(group.length + 1), summary] as const);
	return [
		`${groups[group]}.`,
		section("Commands", listed(rows)),
		section("Usage", [`  kubectl qos ${group} COMMAND [options]`]),
		`Use "kubectl qos ${group} COMMAND --help" for more information about a given command.\n`,
	].join("\n\n");
}

export function commandHelp({ name, summary, description, usage, examples, flags }: CommandDefinition): string {
	const lines = examples.flatMap(([line, meaning]) => [`  # ${meaning}`, `  ${line}`, ""]).slice(0, -1);
	return [
		`${summary}.`,
		...(description === undefined ? [] : [description]),
		...(examples.length > 0 ? [section("Examples", lines)] : []),
		...(flags.length > 0 ? [section("Options", [describeFlags(flags)])] : []),
		section("Usage", [`  kubectl qos ${name} ${usage} [options]`.replaceAll(/ +/g, " ").replace(/^ /, "  ")]),
		'Use "kubectl qos options" for a list of global command-line options (applies to all commands).\n',
	].join("\n\n");
}

/** Flags with what they mean, two lines each, sorted by name. */
export function describeFlags(flags: readonly FlagDefinition[]): string {
	return flags
		.toSorted((left, right) => (left.name < right.name ? -1 : 1))
		.map((flag) => `${headOf(flag)}\n\t${flag.description}`)
		.join("\n\n");
}

function headOf(flag: FlagDefinition): string {
	const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
	return `    ${names}=${defaultOf(flag)}:`;
}

function defaultOf(flag: FlagDefinition): string {
	switch (flag.kind) {
		case "boolean":
			return String(flag.default ?? false);
		case "list":
			return "[]";
		case "string":
			return `'${flag.default ?? ""}'`;
	}
}

function section(title: string, lines: readonly string[]): string {
	return [`${title}:`, ...lines].join("\n");
}

function listed(rows: readonly (readonly [string, string])[]): readonly string[] {
	const width = Math.max(...rows.map(([name]) => name.length)) + 3;
	return rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`);
}
