import yargs, { type Options } from "yargs";
import { type FlagDefinition, FlagValues } from "./arguments/flags.ts";
import { normalizeArguments } from "./arguments/normalize.ts";
import { openSession, type Session } from "./client/session.ts";
import { backtest } from "./commands/backtest.ts";
import type { Command } from "./commands/command.ts";
import { migrate } from "./commands/migrate.ts";
import { predict } from "./commands/predict.ts";
import { recommend } from "./commands/recommend.ts";
import { status } from "./commands/status.ts";
import { version } from "./commands/version.ts";
import { PluginError, unknownCommand, usage } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

export const COMMANDS: readonly Command[] = [predict, recommend, migrate, status, backtest, version];

/** Runs one command line and returns the exit code; every error has become its lines on stderr. */
export async function runPlugin(argv: readonly string[], terminal: Terminal): Promise<number> {
	try {
		await dispatch(argv, terminal);
		return 0;
	} catch (error) {
		const errors = error instanceof AggregateError ? error.errors : [error];
		for (const each of errors) terminal.note(lineOf(each, terminal));
		return Math.max(...errors.map((each) => (each instanceof PluginError ? each.exitCode : 1)));
	}
}

/** Ours are written for people; anything else is a defect, and its stack trace is for those who mend it. */
function lineOf(error: unknown, { environment }: Terminal): string {
	if (error instanceof PluginError) return error.message;
	const text = error instanceof Error ? error.message : String(error);
	const trace = environment["KUBECTL_QOS_DEBUG"] && error instanceof Error ? `\n${error.stack}` : "";
	return `error: unexpected: ${text}; please report it (KUBECTL_QOS_DEBUG=1 shows where)${trace}`;
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<void> {
	const { command: name, operands, flags } = normalizeArguments(argv, allFlags());
	const command = COMMANDS.find((candidate) => candidate.name === name);
	if (!command && name !== undefined && name !== "help") throw unknownCommand(name);
	const { values, help } = parseFlags(command, flags, name === "help");
	if (help !== undefined) {
		terminal.write(`${help}\n`);
		return;
	}
	const run = command?.prepare(values, operands);
	let opened: Promise<Session> | undefined;
	const session = () => (opened ??= openSession(values, terminal));
	try {
		await run?.({ terminal, session });
	} finally {
		await opened?.then(
			({ client }) => client.close(),
			() => {},
		);
	}
}

function allFlags(): readonly FlagDefinition[] {
	const byName = new Map(COMMANDS.flatMap(({ flags }) => flags).map((flag) => [flag.name, flag]));
	return [...byName.values()];
}

/** What the flags say, or the help text when it was asked for. @throws PluginError Usage */
function parseFlags(
	command: Command | undefined,
	flags: readonly string[],
	wantsHelp: boolean,
): { readonly values: FlagValues; readonly help: string | undefined } {
	const words = command === undefined || wantsHelp ? [...flags, "--help"] : flags;
	const parser = parserFor(command);
	let values: Readonly<Record<string, unknown>> = {};
	let help: string | undefined;
	void parser.parse([...words], {}, (error, parsed, output) => {
		if (error) throw explain(error, command);
		values = parsed;
		if (output !== "") help = output;
	});
	return { values: new FlagValues(values), help };
}

function parserFor(command: Command | undefined) {
	const parser = yargs()
		.locale("en")
		.scriptName("kubectl qos")
		.usage(command ? `${command.summary}\n\nUsage: kubectl qos ${command.name} ${command.usage}`.trimEnd() : ROOT_HELP)
		.parserConfiguration({
			"boolean-negation": false,
			"camel-case-expansion": false,
			"dot-notation": false,
			"greedy-arrays": false,
			"parse-numbers": false,
			"parse-positional-numbers": false,
		})
		.exitProcess(false)
		.version(false)
		.help("help")
		.alias("help", "h")
		.wrap(110)
		.strictOptions();
	for (const flag of command?.flags ?? []) parser.option(flag.name, optionOf(flag));
	if (!command) for (const { name, summary } of COMMANDS) parser.command(name, summary);
	for (const [line, meaning] of command?.examples ?? []) parser.example(line, meaning);
	return parser;
}

function optionOf(flag: FlagDefinition): Options {
	return {
		type: flag.kind === "boolean" ? "boolean" : "string",
		array: flag.kind === "list",
		describe: flag.description,
		...(flag.short !== undefined && { alias: flag.short }),
		...(flag.default !== undefined && { default: flag.default }),
	};
}

const ROOT_HELP = `Predict the QoS of Deployments on every node, and move them where it is best

Usage: kubectl qos COMMAND`;

/** yargs' only complaint that is left here is a flag of another command, or of none. */
function explain(error: Error, command: Command | undefined): PluginError {
	const [, names = ""] = /^Unknown arguments?: (.+)$/.exec(error.message) ?? [];
	const [first] = names.split(", ");
	return usage(first === undefined || first === "" ? error.message : `unknown flag: --${first}`, command?.name);
}
