import { usage } from "../errors.ts";
import { type FlagDefinition, FlagValues } from "./flags.ts";

/** What the parser must know of a command: its words (`jobs add`) and every flag it takes. */
export interface CommandSyntax {
	readonly name: string;
	readonly flags: readonly FlagDefinition[];
}

/** A command line taken apart as kubectl's parser (pflag) does it. */
export interface CommandLine<C extends CommandSyntax> {
	readonly command: C | undefined;
	/** The first word of commands of two words, when the second does not complete one: `jobs`. */
	readonly group: string | undefined;
	/** What is not a flag and not the command's name, as it was typed. */
	readonly operands: readonly string[];
	readonly values: FlagValues;
	readonly wantsHelp: boolean;
}

interface Reading<C extends CommandSyntax> {
	readonly commands: readonly C[];
	readonly rest: string[];
	readonly given: Map<string, string | boolean | string[]>;
	readonly operands: string[];
	known: readonly FlagDefinition[];
	command: C | undefined;
	group: string | undefined;
}

const HELP: FlagDefinition = { name: "help", short: "h", kind: "boolean", description: "Help for the command" };

/**
 * Reads `-ojson`, `-o json`, `-n=x`, `-Aojson` and repeated flags (the last wins, unless it is a list) as
 * kubectl does; operands stay the strings that were typed. Flags may stand before the command.
 * @throws PluginError Usage
 */
export function parseCommandLine<C extends CommandSyntax>(
	argv: readonly string[],
	commands: readonly C[],
): CommandLine<C> {
	const reading: Reading<C> = {
		commands,
		rest: [...argv],
		given: new Map(),
		operands: [],
		known: [HELP, ...flagsOfAll(commands)],
		command: undefined,
		group: undefined,
	};
	for (let word = reading.rest.shift(); word !== undefined; word = reading.rest.shift()) {
		if (word === "--") for (const operand of reading.rest.splice(0)) takeOperand(reading, operand);
		else if (word.startsWith("--")) readLong(reading, word);
		else if (word.startsWith("-") && word !== "-") readShort(reading, word.slice(1), word);
		else takeOperand(reading, word);
	}
	return finished(reading);
}

/** Before the command is known, a flag that any command takes with a value takes one. */
function flagsOfAll(commands: readonly CommandSyntax[]): readonly FlagDefinition[] {
	const byName = new Map<string, FlagDefinition>();
	for (const flag of commands.flatMap(({ flags }) => flags)) {
		if (byName.get(flag.name)?.kind !== "string") byName.set(flag.name, flag);
	}
	return [...byName.values()];
}

function finished<C extends CommandSyntax>({ command, group, operands, given }: Reading<C>): CommandLine<C> {
	const wantsHelp = given.get("help") === true;
	given.delete("help");
	const known = command?.flags ?? [];
	const values = Object.fromEntries(known.map((flag) => [flag.name, flag.default]));
	for (const [name, value] of given) {
		// Without a command there is nothing to do but to help, whatever else was said.
		if (command && !known.some((flag) => flag.name === name)) throw usage(`unknown flag: --${name}`, command.name);
		values[name] = value as string;
	}
	return { command, group, operands, values: new FlagValues(values, new Set(given.keys())), wantsHelp };
}

function takeOperand<C extends CommandSyntax>(reading: Reading<C>, word: string): void {
	if (reading.command || reading.operands.length > 0) {
		reading.operands.push(word);
		return;
	}
	const name = reading.group === undefined ? word : `${reading.group} ${word}`;
	reading.command = reading.commands.find((command) => command.name === name);
	if (reading.command) {
		reading.known = [HELP, ...reading.command.flags];
		reading.group = undefined;
	} else if (reading.group === undefined && reading.commands.some((command) => command.name.startsWith(`${word} `))) {
		reading.group = word;
	} else {
		reading.operands.push(word);
	}
}

function readLong<C extends CommandSyntax>(reading: Reading<C>, word: string): void {
	const [name = "", ...parts] = word.slice(2).split("=");
	const value = parts.length > 0 ? parts.join("=") : undefined;
	const flag = reading.known.find((candidate) => candidate.name === name);
	if (!flag) throw usage(`unknown flag: --${name}`, reading.command?.name);
	take(reading, flag, value, `--${name}`);
}

/** `letters` may hold several booleans and then one flag with its value: `-Aojson`. */
function readShort<C extends CommandSyntax>(reading: Reading<C>, letters: string, word: string): void {
	const letter = letters.charAt(0);
	const rest = letters.slice(1);
	const flag = reading.known.find((candidate) => candidate.short === letter);
	if (!flag) throw usage(`unknown shorthand flag: '${letter}' in ${word}`, reading.command?.name);
	if (flag.kind === "boolean" && rest !== "" && !rest.startsWith("=")) {
		take(reading, flag, undefined, word);
		readShort(reading, rest, word);
		return;
	}
	const value = rest === "" ? undefined : rest.replace(/^=/, "");
	take(reading, flag, value, `'${letter}' in ${word}`);
}

function take<C extends CommandSyntax>(
	reading: Reading<C>,
	flag: FlagDefinition,
	value: string | undefined,
	where: string,
): void {
	const { given, rest, command } = reading;
	if (flag.kind === "boolean") {
		given.set(flag.name, value === undefined || isTrue(flag, value, command?.name));
		return;
	}
	const text = value ?? (isBare(flag, rest[0]) ? flag.bare : rest.shift());
	if (text === undefined) throw usage(`flag needs an argument: ${where}`, command?.name);
	const before = given.get(flag.name);
	if (flag.kind === "list") given.set(flag.name, [...(Array.isArray(before) ? before : []), text]);
	else given.set(flag.name, text);
}

/** Kinder than pflag: `--dry-run server` is what it says, though there pflag would take `server` for an operand. */
function isBare({ bare, completion }: FlagDefinition, next: string | undefined): boolean {
	return bare !== undefined && !(next !== undefined && Array.isArray(completion) && completion.includes(next));
}

function isTrue(flag: FlagDefinition, value: string, command: string | undefined): boolean {
	if (["true", "t", "1", "T", "TRUE", "True"].includes(value)) return true;
	if (["false", "f", "0", "F", "FALSE", "False"].includes(value)) return false;
	const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
	throw usage(
		`invalid argument "${value}" for "${names}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`,
		command,
	);
}
