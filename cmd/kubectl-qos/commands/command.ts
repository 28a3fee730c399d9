import type { Completion, FlagDefinition, FlagValues } from "../arguments/flags.ts";
import type { Session } from "../client/session.ts";
import type { Terminal } from "../terminal.ts";

/** What a command may use. */
export interface Context {
	readonly terminal: Terminal;
	/** Reads the kubeconfig on first use; a command that asks the server nothing needs none. */
	readonly session: () => Promise<Session>;
	/** Ends with this code though nothing failed: what was found is the answer. */
	setExitCode(code: number): void;
}

export type Example = readonly [commandLine: string, meaning: string];

/** What is known of a command without running it: help, completion and the reference pages are made of it. */
export interface CommandDefinition {
	/** The words after `kubectl qos`: `predict`, `jobs add`. */
	readonly name: string;
	/** One line for the list of commands, without a full stop. */
	readonly summary: string;
	/** What else help should say; paragraphs are separated by an empty line. */
	readonly description?: string;
	/** What follows the name: `[TYPE/NAME...]`. */
	readonly usage: string;
	readonly examples: readonly Example[];
	/** Its own flags; the global ones come on top. */
	readonly flags: readonly FlagDefinition[];
	/** What completion offers for operands. */
	readonly operands?: Completion;
	/** With this flag every error ends with this code instead of 1. */
	readonly failure?: { readonly flag: string; readonly exitCode: number };
	/** Not listed: for programs only. */
	readonly hidden?: boolean;
}

/** One verb of the plugin. */
export interface Command extends CommandDefinition {
	/** Reads the command line; throws a Usage error before anything is asked of the server. */
	prepare(flags: FlagValues, operands: readonly string[]): (context: Context) => Promise<void>;
}

/**
 * A command is its definition, an options struct made of its flags, and one `run`. What only `run` needs
 * is imported there (`await import("./run.ts")`), so that no command pays for another's start-up.
 */
export function defineCommand<Options>(
	definition: CommandDefinition & {
		readonly options: (flags: FlagValues, operands: readonly string[]) => Options;
		/** @throws PluginError or an AggregateError of them; what was found is printed before. */
		readonly run: (options: Options, context: Context) => Promise<void>;
	},
): Command {
	const { options, run, ...command } = definition;
	return {
		...command,
		prepare: (flags, operands) => {
			const prepared = options(flags, operands);
			return (context) => run(prepared, context);
		},
	};
}
