import { readFileSync } from "node:fs";
import type { FlagDefinition, FlagValues } from "../arguments/flags.ts";
import { unknownFormat, usage } from "../errors.ts";
import { type Column, parseColumns, parseColumnsFile } from "./columns.ts";
import { parseTemplate } from "./jsonpath/parse.ts";
import type { Template } from "./jsonpath/template.ts";

/** How the objects of a reading command are printed. */
export type ReadFormat =
	| { readonly kind: "table"; readonly wide: boolean }
	| { readonly kind: "json" | "yaml" | "name" }
	| { readonly kind: "jsonpath"; readonly template: Template }
	| { readonly kind: "columns"; readonly columns: readonly Column[] };

/** In kubectl's order. */
const FORMATS = ["custom-columns", "custom-columns-file", "json", "jsonpath", "jsonpath-file", "name", "wide", "yaml"];

export const READ_OUTPUT_FLAG: FlagDefinition = {
	name: "output",
	short: "o",
	kind: "string",
	description: `Output format. One of: (${FORMATS.join(", ")}); jsonpath and custom-columns take =TEMPLATE`,
	completion: FORMATS,
};

/** The value of `-o`. @throws PluginError Usage */
export function readFormatOf(flags: FlagValues): ReadFormat {
	const text = flags.text("output");
	if (text === undefined) return { kind: "table", wide: false };
	const [kind = "", ...rest] = text.split("=");
	const argument = rest.join("=") || undefined;
	return argument === undefined ? plainFormat(kind, text) : templateFormat(kind, argument, text);
}

function plainFormat(kind: string, text: string): ReadFormat {
	switch (kind) {
		case "wide":
			return { kind: "table", wide: true };
		case "json":
		case "yaml":
		case "name":
			return { kind };
		case "jsonpath":
		case "jsonpath-file":
			throw usage("template format specified but no template given");
		case "custom-columns":
		case "custom-columns-file":
			throw usage("custom-columns format specified but no custom columns given");
		default:
			throw unknownFormat(text, FORMATS);
	}
}

function templateFormat(kind: string, argument: string, text: string): ReadFormat {
	switch (kind) {
		case "jsonpath":
			return { kind, template: parseTemplate(argument) };
		case "jsonpath-file":
			return { kind: "jsonpath", template: parseTemplate(readTemplate(argument)) };
		case "custom-columns":
			return { kind: "columns", columns: parseColumns(argument) };
		case "custom-columns-file":
			return { kind: "columns", columns: parseColumnsFile(readTemplate(argument)) };
		default:
			throw unknownFormat(text, FORMATS);
	}
}

function readTemplate(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		throw usage(`error reading template ${path}, open ${path}: no such file or directory`);
	}
}
