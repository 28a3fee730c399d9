import type { Completion, FlagDefinition, FlagValues } from "../../arguments/flags.ts";
import { GLOBAL_FLAGS } from "../../arguments/global.ts";
import { type CommandSyntax, parseCommandLine } from "../../arguments/parse.ts";
import type { Terminal } from "../../terminal.ts";
import type { CommandDefinition } from "../command.ts";
import { GROUPS } from "../groups.ts";
import { candidatesOf } from "./candidates.ts";

/** cobra's directives: what the shell may do beside what is offered. */
const FILES_TOO = 0;
const NO_FILES = 4;

/** One line of the answer. */
export interface Offer {
	readonly value: string;
	readonly description?: string | undefined;
}

interface Answer {
	readonly offers: readonly Offer[];
	readonly directive: number;
}

type Known = CommandDefinition & CommandSyntax;

/** Answers with `value<TAB>description` lines and `:directive`; whatever goes wrong, with nothing. */
export async function complete(
	words: readonly string[],
	commands: readonly Known[],
	terminal: Terminal,
): Promise<void> {
	const typed = words.at(-1) ?? "";
	let answer: Answer = { offers: [], directive: NO_FILES };
	try {
		answer = await answerTo(words.slice(0, -1), typed, { commands, terminal });
	} catch {
		// A shell that prints an error in the middle of a command line helps nobody.
	}
	const prefix = typed.startsWith("--") && typed.includes("=") ? typed.slice(typed.indexOf("=") + 1) : typed;
	const lines = answer.offers
		.filter(({ value }) => value.startsWith(prefix))
		.map(({ value, description }) => (description === undefined ? value : `${value}\t${description}`));
	terminal.write([...lines, `:${answer.directive}`, ""].join("\n"));
}

interface Surroundings {
	readonly commands: readonly Known[];
	readonly terminal: Terminal;
}

async function answerTo(before: readonly string[], typed: string, around: Surroundings): Promise<Answer> {
	const { commands } = around;
	const pending = pendingFlag(before, commands);
	const line = parseCommandLine(pending ? before.slice(0, -1) : before, commands);
	const flags = line.command?.flags ?? GLOBAL_FLAGS;
	if (pending) return valuesOf(pending.completion, { ...around, values: line.values });
	if (typed.startsWith("--") && typed.includes("=")) {
		const flag = flags.find(({ name }) => name === typed.slice(2, typed.indexOf("=")));
		return valuesOf(flag?.completion, { ...around, values: line.values });
	}
	if (typed.startsWith("-")) return { offers: flagOffers(flags, line.values, typed), directive: NO_FILES };
	if (!line.command) return { offers: commandOffers(commands, line.group), directive: NO_FILES };
	const given = new Set(line.operands.map((operand) => operand.slice(operand.indexOf("/") + 1)));
	const { offers, directive } = await valuesOf(line.command.operands, { ...around, values: line.values });
	return {
		offers: withType(
			offers.filter(({ value }) => !given.has(value)),
			typed,
		),
		directive,
	};
}

/** The flag whose value is typed now. */
function pendingFlag(before: readonly string[], commands: readonly Known[]): FlagDefinition | undefined {
	const last = before.at(-1) ?? "";
	if (!last.startsWith("-") || last.includes("=")) return undefined;
	const { command } = parseCommandLine(before.slice(0, -1), commands);
	const flags = command?.flags ?? GLOBAL_FLAGS;
	const flag = last.startsWith("--")
		? flags.find(({ name }) => name === last.slice(2))
		: flags.find(({ short }) => short === last.slice(-1));
	return flag?.kind === "boolean" || flag?.bare !== undefined ? undefined : flag;
}

/** `deploy/w` is completed as `deploy/web`. */
function withType(offers: readonly Offer[], typed: string): readonly Offer[] {
	const type = typed.slice(0, typed.indexOf("/") + 1);
	return offers.map(({ value, description }) => ({ value: type + value, description }));
}

function flagOffers(flags: readonly FlagDefinition[], values: FlagValues, typed: string): readonly Offer[] {
	const free = flags.filter(({ name, kind }) => kind === "list" || !values.isGiven(name));
	const long = free.map(({ name, description }) => ({ value: `--${name}`, description }));
	if (typed !== "-") return long;
	const short = free.flatMap(({ short: letter, description }) =>
		letter ? [{ value: `-${letter}`, description }] : [],
	);
	return [...long, ...short];
}

function commandOffers(commands: readonly Known[], group: string | undefined): readonly Offer[] {
	const offers = new Map<string, Offer>();
	for (const { name, summary, hidden } of commands) {
		const [first = "", second = ""] = name.split(" ");
		if (hidden === true || (group !== undefined && first !== group)) continue;
		const value = group === undefined ? first : second;
		if (!offers.has(value)) {
			offers.set(value, { value, description: (group === undefined ? GROUPS[first] : undefined) ?? summary });
		}
	}
	return [...offers.values()];
}

async function valuesOf(
	completion: Completion | undefined,
	around: Surroundings & { readonly values: FlagValues },
): Promise<Answer> {
	if (completion === undefined) return { offers: [], directive: NO_FILES };
	if (completion === "files") return { offers: [], directive: FILES_TOO };
	if (typeof completion !== "string") return { offers: completion.map((value) => ({ value })), directive: NO_FILES };
	return { offers: await candidatesOf(completion, around.values, around.terminal), directive: NO_FILES };
}
