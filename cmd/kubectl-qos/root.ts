import type { FlagValues } from "./arguments/flags.ts";
import { connectionOptions } from "./arguments/global.ts";
import { type CommandLine, type CommandSyntax, parseCommandLine } from "./arguments/parse.ts";
import type { Session } from "./client/session.ts";
import { COMMANDS, SYNTAX } from "./commands/all.ts";
import type { Command } from "./commands/command.ts";
import { GROUPS } from "./commands/groups.ts";
import { PluginError, unknownCommand, usage } from "./errors.ts";
import { commandHelp, groupHelp, rootHelp } from "./help.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one command line and returns the exit code; every error has become its lines on stderr. */
export async function runPlugin(argv: readonly string[], terminal: Terminal): Promise<number> {
	try {
		return await dispatch(argv, terminal);
	} catch (error) {
		const errors = error instanceof AggregateError ? error.errors : [error];
		for (const line of errors.map((each) => lineOf(each, terminal))) if (line !== "") terminal.note(line);
		const code = Math.max(...errors.map((each) => (each instanceof PluginError ? each.exitCode : 1)));
		return code === 1 ? failureCode(argv) : code;
	}
}

/** Some commands keep 1 for an answer. Looked for in the words themselves: the error may be that they cannot be read. */
function failureCode(argv: readonly string[]): number {
	const { failure } = COMMANDS.find(({ name }) => name === argv.find((word) => !word.startsWith("-"))) ?? {};
	return failure && argv.includes(`--${failure.flag}`) ? failure.exitCode : 1;
}

/** Ours are written for people; anything else is a defect, and its stack trace is for those who mend it. */
function lineOf(error: unknown, { environment }: Terminal): string {
	if (error instanceof PluginError) return error.message;
	const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
	const trace = environment["KUBECTL_QOS_DEBUG"] && error instanceof Error ? `\n${error.stack}` : "";
	return `error: unexpected: ${text}; please report it (KUBECTL_QOS_DEBUG=1 shows where)${trace}`;
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
	const asksForHelp = argv[0] === "help";
	const line = parseCommandLine(wordsOf(argv), SYNTAX);
	const command = line.command?.command;
	if (!command || line.wantsHelp || asksForHelp) {
		if (!command) refuseUnknown(line.group, line.operands);
		terminal.write(helpFor(command, line.group));
		return 0;
	}
	const run = prepared(command, line);
	let exitCode = 0;
	let opened: Promise<Session> | undefined;
	const session = () => (opened ??= open(line.values, terminal));
	try {
		await run({ terminal, session, setExitCode: (code) => void (exitCode = code) });
	} finally {
		await opened?.then(
			({ client }) => client.close(),
			() => {},
		);
	}
	return exitCode;
}

/** A value that no flag of that name takes is answered as pflag does it, with where to look. */
function prepared(command: Command, { values, operands }: Pick<CommandLine<CommandSyntax>, "values" | "operands">) {
	try {
		connectionOptions(values);
		return command.prepare(values, operands);
	} catch (error) {
		const [, problem] = (error instanceof PluginError && /^error: (invalid argument .*)$/.exec(error.message)) || [];
		throw problem === undefined ? error : usage(problem, command.name);
	}
}

function wordsOf(argv: readonly string[]): readonly string[] {
	const [first, ...others] = argv;
	if (first === "help") return others;
	// What is to be completed are words, not flags of ours.
	return first === "__complete" ? [first, "--", ...others] : argv;
}

/** Loaded when it is needed: help, completion of flags and `version --client` ask no cluster. */
async function open(flags: FlagValues, terminal: Terminal): Promise<Session> {
	return (await import("./client/session.ts")).openSession(flags, terminal);
}

function refuseUnknown(group: string | undefined, [word]: readonly string[]): void {
	if (word !== undefined) throw unknownCommand(word, group);
}

function helpFor(command: (typeof COMMANDS)[number] | undefined, group: string | undefined): string {
	const catalogue = { commands: COMMANDS, groups: GROUPS };
	if (command) return commandHelp(command);
	return group === undefined ? rootHelp(catalogue) : groupHelp(group, catalogue);
}
