import { parseDuration } from "../../../src/api/v1alpha1/duration.ts";
import { unknownFormat, usage } from "../errors.ts";
import { OUTPUTS, type OutputFormat } from "../output/print.ts";

/** What completion offers for a value or an operand: kinds of things in the cluster or kubeconfig, or fixed words. */
export type Completion =
	| "deployments"
	| "namespaces"
	| "nodes"
	| "policies"
	| "jobs"
	| "contexts"
	| "clusters"
	| "users"
	| "files"
	| readonly string[];

/** One flag, as parser, help, completion and reference pages know it. */
export interface FlagDefinition {
	readonly name: string;
	readonly short?: string;
	readonly kind: "boolean" | "string" | "list";
	/** One or two sentences for the help. */
	readonly description: string;
	readonly default?: string | boolean;
	/** The value when it is given without one (`--dry-run`); then a value that completion does not know needs `=`. */
	readonly bare?: string;
	readonly completion?: Completion;
}

export const OUTPUT_FLAG: FlagDefinition = {
	name: "output",
	short: "o",
	kind: "string",
	description: `Output format. One of: (${OUTPUTS.join(", ")})`,
	completion: OUTPUTS,
};

/** The values given on the command line, or their defaults. */
export class FlagValues {
	readonly #values: Readonly<Record<string, unknown>>;
	readonly #given: ReadonlySet<string>;

	constructor(values: Readonly<Record<string, unknown>>, given: ReadonlySet<string> = new Set(Object.keys(values))) {
		this.#values = values;
		this.#given = given;
	}

	/** The same with one value replaced. */
	with(name: string, value: string): FlagValues {
		return new FlagValues({ ...this.#values, [name]: value }, this.#given);
	}

	/** The flag was on the command line, whatever its value. */
	isGiven(name: string): boolean {
		return this.#given.has(name);
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

/** The value of `-o`. */
function outputOf(flags: FlagValues): OutputFormat | undefined {
	const text = flags.text("output");
	if (text === undefined) return undefined;
	const output = OUTPUTS.find((known) => known === text);
	if (output) return output;
	throw unknownFormat(text, OUTPUTS);
}

/** The value of `-o` of a command that prints a value of its own. @throws PluginError Usage */
export function valueOutputOf(flags: FlagValues): "json" | "yaml" | undefined {
	const output = outputOf(flags);
	if (output === undefined || output === "json" || output === "yaml") return output;
	throw usage("--output must be 'yaml' or 'json'");
}

/** The value of `-o` of a command that prints objects, or a line of text without it. @throws PluginError Usage */
export function objectOutputOf(flags: FlagValues, command: string): Exclude<OutputFormat, "wide"> | undefined {
	const output = outputOf(flags);
	if (output !== "wide") return output;
	throw usage(`${command} prints no table; allowed formats are: json,yaml,name`);
}

/** A duration in ms; a bare number counts seconds, as in kubectl. @throws PluginError Usage */
export function durationOf(flags: FlagValues, name: string): number | undefined {
	const text = flags.text(name);
	if (text === undefined) return undefined;
	const duration = parseTimeout(text);
	if (duration !== undefined) return duration;
	throw usage(`invalid argument "${text}" for "--${name}" flag: write a duration like 30s, 5m or 1h30m`);
}

/** ms of `30s`, `1h30m` or a bare number of seconds. */
export function parseTimeout(text: string): number | undefined {
	const seconds = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
	return seconds === undefined ? undefined : seconds * 1000;
}
