import { usage } from "../errors.ts";
import type { FlagDefinition } from "./flags.ts";

/** A command line taken apart as kubectl's parser (pflag) does it. */
export interface Arguments {
	/** The first operand. */
	readonly command: string | undefined;
	/** The other operands, as they were typed. */
	readonly operands: readonly string[];
	/** `--name` or `--name=value`; of a flag given twice the last value, unless it is a list. */
	readonly flags: readonly string[];
}

interface Reading {
	readonly known: readonly FlagDefinition[];
	readonly rest: string[];
	readonly given: { readonly name: string; readonly text: string }[];
	readonly operands: string[];
}

/**
 * Brings `-ojson`, `-o json`, `-n=x`, `-Aojson` and repeated flags into one form, which yargs reads
 * without its own ideas of them. Flags that nobody knows are left for the command to refuse.
 */
export function normalizeArguments(argv: readonly string[], known: readonly FlagDefinition[]): Arguments {
	const reading: Reading = { known, rest: [...argv], given: [], operands: [] };
	for (let word = reading.rest.shift(); word !== undefined; word = reading.rest.shift()) {
		if (word === "--") reading.operands.push(...reading.rest.splice(0));
		else if (word.startsWith("--")) readLong(reading, word);
		else if (word.startsWith("-") && word !== "-") readShort(reading, word.slice(1), word);
		else reading.operands.push(word);
	}
	const [command, ...operands] = reading.operands;
	return { command, operands, flags: lastOfEach(reading) };
}

function readLong(reading: Reading, word: string): void {
	const [name = "", ...parts] = word.slice(2).split("=");
	const value = parts.length > 0 ? parts.join("=") : undefined;
	const flag = reading.known.find((candidate) => candidate.name === name);
	if (!flag) reading.given.push({ name, text: word });
	else take(reading, flag, value, `--${name}`);
}

/** `letters` may hold several booleans and then one flag with its value: `-Aojson`. */
function readShort(reading: Reading, letters: string, word: string): void {
	const letter = letters.charAt(0);
	const rest = letters.slice(1);
	if (letter === "h" && rest === "") {
		reading.given.push({ name: "help", text: "--help" });
		return;
	}
	const flag = reading.known.find((candidate) => candidate.short === letter);
	if (!flag) throw usage(`unknown shorthand flag: '${letter}' in ${word}`, commandOf(reading));
	if (flag.kind === "boolean" && rest !== "" && !rest.startsWith("=")) {
		take(reading, flag, undefined, word);
		readShort(reading, rest, word);
		return;
	}
	const value = rest === "" ? undefined : rest.replace(/^=/, "");
	take(reading, flag, value, `'${letter}' in ${word}`);
}

function take(reading: Reading, flag: FlagDefinition, value: string | undefined, where: string): void {
	if (flag.kind === "boolean") {
		const on = value === undefined || isTrue(flag, value, commandOf(reading));
		reading.given.push({ name: flag.name, text: `--${flag.name}=${on}` });
		return;
	}
	const given = value ?? reading.rest.shift();
	if (given === undefined) throw usage(`flag needs an argument: ${where}`, commandOf(reading));
	reading.given.push({ name: flag.name, text: `--${flag.name}=${given}` });
}

function isTrue(flag: FlagDefinition, value: string, command: string | undefined): boolean {
	if (["true", "t", "1", "T", "TRUE", "True"].includes(value)) return true;
	if (["false", "f", "0", "F", "FALSE", "False"].includes(value)) return false;
	throw usage(`invalid argument "${value}" for "--${flag.name}" flag: it is true or false`, command);
}

function commandOf(reading: Reading): string | undefined {
	return reading.operands[0];
}

function lastOfEach({ given, known }: Reading): readonly string[] {
	const isList = (name: string) => known.some((flag) => flag.name === name && flag.kind === "list");
	return given
		.filter(({ name }, index) => isList(name) || given.findLastIndex((later) => later.name === name) === index)
		.map(({ text }) => text);
}
