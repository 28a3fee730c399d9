import type { FlagDefinition, FlagValues, ReadOptions } from "../arguments/flags.ts";
import type { Session } from "../client/session.ts";
import type { Terminal } from "../terminal.ts";

/** What a command may use. */
export interface Context {
	readonly terminal: Terminal;
	/** Reads the kubeconfig on first use; a command that asks the server nothing needs none. */
	readonly session: () => Promise<Session>;
}

/** One verb of the plugin. */
export interface Command {
	readonly name: string;
	/** One line for the list of commands. */
	readonly summary: string;
	/** What follows the name: `[TYPE/NAME...]`. */
	readonly usage: string;
	readonly examples: readonly (readonly [commandLine: string, meaning: string])[];
	readonly flags: readonly FlagDefinition[];
	/** Reads the command line; throws a Usage error before anything is asked of the server. */
	prepare(flags: FlagValues, operands: readonly string[]): (context: Context) => Promise<void>;
}

/** Options of a command about Deployments. */
export interface WorkloadOptions extends ReadOptions {
	/** Empty: all of the namespace. */
	readonly names: readonly string[];
}

/** A command is its flags, an options struct made of them, and one `run`. */
export function defineCommand<Options>(
	definition: Omit<Command, "prepare"> & {
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
