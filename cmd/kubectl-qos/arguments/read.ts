import { usage } from "../errors.ts";
import { READ_OUTPUT_FLAG, type ReadFormat, readFormatOf } from "../output/format.ts";
import { parsePath } from "../output/jsonpath/parse.ts";
import type { Path } from "../output/jsonpath/template.ts";
import type { FlagDefinition, FlagValues } from "./flags.ts";
import { parseTargets } from "./targets.ts";

/** Reports may list 500 nodes each, so a page of them is much smaller than one of kubectl's. */
const CHUNK = 10;

/** Flags of the commands that print a list of objects. */
export const LIST_FLAGS: readonly FlagDefinition[] = [
	{ name: "all-namespaces", short: "A", kind: "boolean", description: "Look in all namespaces" },
	{
		name: "selector",
		short: "l",
		kind: "string",
		description: "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'",
	},
	READ_OUTPUT_FLAG,
	{ name: "no-headers", kind: "boolean", description: "Print tables without headers" },
];

/** Flags of the commands that read Deployments. */
export const READ_FLAGS: readonly FlagDefinition[] = [
	...LIST_FLAGS,
	{
		name: "field-selector",
		kind: "string",
		description: "Selector (field query) to filter Deployments on, such as metadata.name=web",
	},
	{
		name: "filename",
		short: "f",
		kind: "list",
		description: "File or folder that names the Deployments; - is stdin; may be repeated",
		completion: "files",
	},
	{
		name: "sort-by",
		kind: "string",
		description: "Sort by a field of the QoSReport, as a JSONPath such as .status.recommended.gain",
	},
	{
		name: "chunk-size",
		kind: "string",
		default: String(CHUNK),
		description: "Reports per request of a large list; 0: all in one",
	},
];

export const WATCH_FLAG: FlagDefinition = {
	name: "watch",
	short: "w",
	kind: "boolean",
	description: "After listing, print what changes until interrupted",
};

/** What the flags of a command that prints a list say. */
export interface ListOptions {
	readonly allNamespaces: boolean;
	readonly selector: string | undefined;
	readonly format: ReadFormat;
	readonly headers: boolean;
}

export function listOptions(flags: FlagValues): ListOptions {
	return {
		allNamespaces: flags.isSet("all-namespaces"),
		selector: flags.text("selector"),
		format: readFormatOf(flags),
		headers: !flags.isSet("no-headers"),
	};
}

/** What the flags and operands of a reading command say. */
export interface ReadOptions extends ListOptions {
	/** Empty: all of the namespace. */
	readonly names: readonly string[];
	/** Files that name more of them. */
	readonly files: readonly string[];
	readonly fieldSelector: string | undefined;
	readonly sortBy: Path | undefined;
	/** Objects per page; 0: all in one. */
	readonly chunkSize: number;
	readonly watch: boolean;
}

/** @throws PluginError Usage */
export function readOptions(flags: FlagValues, operands: readonly string[]): ReadOptions {
	const sortBy = flags.text("sort-by");
	const options = {
		names: parseTargets(operands),
		files: flags.list("filename"),
		...listOptions(flags),
		fieldSelector: flags.text("field-selector"),
		sortBy: sortBy === undefined ? undefined : parsePath(sortBy),
		chunkSize: chunkSizeOf(flags.text("chunk-size") ?? "0"),
		watch: flags.isSet("watch"),
	};
	refuseContradictions(options);
	return options;
}

function refuseContradictions(options: ReadOptions): void {
	const { names, files, allNamespaces, selector, fieldSelector } = options;
	if (names.length > 0 && files.length > 0) {
		throw usage(
			"when paths, URLs, or stdin is provided as resource input, you may not specify resource arguments as well",
		);
	}
	if (names.length > 0 && allNamespaces) {
		throw usage("a resource cannot be retrieved by name across all namespaces");
	}
	if (names.length + files.length > 0 && (selector ?? fieldSelector) !== undefined) {
		throw usage("name cannot be provided when a selector is specified");
	}
}

function chunkSizeOf(text: string): number {
	if (/^-?\d+$/.test(text)) return Math.max(0, Number(text));
	throw usage(
		`invalid argument "${text}" for "--chunk-size" flag: strconv.ParseInt: parsing "${text}": invalid syntax`,
	);
}
