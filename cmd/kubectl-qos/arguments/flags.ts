import { parseDuration } from "../../../src/api/v1alpha1/duration.ts";
import { usage } from "../errors.ts";
import { OUTPUTS, type OutputFormat } from "../output/print.ts";

/** One flag, as the parser and the help know it. */
export interface FlagDefinition {
	readonly name: string;
	readonly short?: string;
	readonly kind: "boolean" | "string" | "list";
	/** Shown in the help where the value stands. */
	readonly description: string;
	readonly default?: string | boolean;
}

/** Flags of every command that talks to the API server. */
export const CONNECTION_FLAGS: readonly FlagDefinition[] = [
	{ name: "namespace", short: "n", kind: "string", description: "Namespace; default: the context's" },
	{ name: "context", kind: "string", description: "Context of the kubeconfig to use" },
	{ name: "kubeconfig", kind: "string", description: "Path of the kubeconfig file" },
	{ name: "as", kind: "string", description: "User to impersonate" },
	{ name: "as-group", kind: "list", description: "Group to impersonate; may be repeated" },
	{ name: "as-uid", kind: "string", description: "UID to impersonate" },
	{ name: "request-timeout", kind: "string", description: "Longest wait for one answer (5s, 1m); 0: no limit" },
];

export const OUTPUT_FLAG: FlagDefinition = {
	name: "output",
	short: "o",
	kind: "string",
	description: `Output format: ${OUTPUTS.join(", ")}`,
};

/** Flags of the commands that print a table of Deployments. */
export const READ_FLAGS: readonly FlagDefinition[] = [
	{ name: "all-namespaces", short: "A", kind: "boolean", description: "Look in all namespaces" },
	{ name: "selector", short: "l", kind: "string", description: "Label selector over Deployments" },
	OUTPUT_FLAG,
	{ name: "no-headers", kind: "boolean", description: "Print tables without headers" },
];

/** The values given on the command line. */
export class FlagValues {
	readonly #values: Readonly<Record<string, unknown>>;

	constructor(values: Readonly<Record<string, unknown>>) {
		this.#values = values;
	}

	text(name: string): string | undefined {
		const value = this.#values[name];
		return typeof value === "string" && value !== "" ? value : undefined;
	}

	isSet(name: string): boolean {
		return this.#values[name] === true;
	}

	list(name: string): readonly string[] {
		const value = this.#values[name];
		return Array.isArray(value) ? value.map(String) : [];
	}
}

/** What the connection flags say. */
export interface ConnectionOptions {
	readonly namespace: string | undefined;
	readonly context: string | undefined;
	readonly kubeconfig: string | undefined;
	readonly impersonate: {
		readonly user: string | undefined;
		readonly groups: readonly string[];
		readonly uid: string | undefined;
	};
	/** ms; absent: no limit. */
	readonly requestTimeout: number | undefined;
}

export function connectionOptions(flags: FlagValues): ConnectionOptions {
	const timeout = durationOf(flags, "request-timeout");
	return {
		namespace: flags.text("namespace"),
		context: flags.text("context"),
		kubeconfig: flags.text("kubeconfig"),
		impersonate: { user: flags.text("as"), groups: flags.list("as-group"), uid: flags.text("as-uid") },
		requestTimeout: timeout === 0 ? undefined : timeout,
	};
}

/** What the flags of a reading command say. */
export interface ReadOptions {
	readonly allNamespaces: boolean;
	readonly selector: string | undefined;
	readonly output: OutputFormat | undefined;
	readonly headers: boolean;
}

export function readOptions(flags: FlagValues): ReadOptions {
	return {
		allNamespaces: flags.isSet("all-namespaces"),
		selector: flags.text("selector"),
		output: outputOf(flags),
		headers: !flags.isSet("no-headers"),
	};
}

/** The value of `-o`. */
export function outputOf(flags: FlagValues): OutputFormat | undefined {
	const text = flags.text("output");
	if (text === undefined) return undefined;
	const output = OUTPUTS.find((known) => known === text);
	if (output) return output;
	throw usage(
		`unable to match a printer suitable for the output format "${text}", allowed formats are: ${OUTPUTS.join(",")}`,
	);
}

/** A duration in ms; a bare number counts seconds, as in kubectl. */
export function durationOf(flags: FlagValues, name: string): number | undefined {
	const text = flags.text(name);
	if (text === undefined) return undefined;
	const seconds = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
	if (seconds !== undefined) return seconds * 1000;
	throw usage(`invalid argument "${text}" for "--${name}" flag: write a duration like 30s, 5m or 1h30m`);
}
