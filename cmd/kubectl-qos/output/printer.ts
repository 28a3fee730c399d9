import type { Terminal } from "../terminal.ts";
import { columnsTable } from "./columns.ts";
import type { ReadFormat } from "./format.ts";
import { renderTemplate } from "./jsonpath/evaluate.ts";
import { listOf, type PrintableObject, printValue, qualifiedName, readable, toYaml } from "./print.ts";
import { type Table, TableWriter } from "./table.ts";

/** Some of the objects of one answer, in the forms they can be printed in; only what the format needs is made. */
export interface ObjectPage {
	table(wide: boolean): Table;
	objects(): readonly PrintableObject[];
}

/** Prints an answer page by page, as it arrives. */
export interface Printer {
	add(page: ObjectPage): Promise<void>;
	/** Closes what is open; `isEmptyList`: an answer without objects is an answer too. */
	end(isEmptyList: boolean): Promise<void>;
}

export interface PrinterOptions {
	readonly format: ReadFormat;
	readonly headers: boolean;
	/** One object was asked for by name: it is printed bare, not in a List. */
	readonly single: boolean;
}

export function printerFor(terminal: Terminal, options: PrinterOptions): Printer {
	const { format, headers, single } = options;
	switch (format.kind) {
		case "table":
			return tablePrinter(terminal, { wide: format.wide, headers });
		case "name":
			return {
				add: async (page) => page.objects().forEach((object) => terminal.write(`${qualifiedName(object)}\n`)),
				end: async () => {},
			};
		case "json":
		case "yaml":
			return single ? barePrinter(terminal, format.kind) : listPrinter(terminal, format.kind);
		case "jsonpath":
			return collecting((objects) => {
				const [only] = objects;
				terminal.write(renderTemplate(format.template, single && only !== undefined ? only : listOf(objects)));
			});
		case "columns":
			return collecting((objects) => new TableWriter(terminal, headers).write(columnsTable(format.columns, objects)));
	}
}

function tablePrinter(terminal: Terminal, how: { readonly wide: boolean; readonly headers: boolean }): Printer {
	const writer = new TableWriter(terminal, how.headers);
	return {
		add: async (page) => writer.write(page.table(how.wide)),
		end: async () => {},
	};
}

function barePrinter(terminal: Terminal, format: "json" | "yaml"): Printer {
	return {
		async add(page) {
			for (const object of page.objects()) await printValue(terminal, readable(object), format);
		},
		end: async () => {},
	};
}

const JSON_TAIL = '],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n';
const YAML_TAIL = 'kind: List\nmetadata:\n  resourceVersion: ""\n';

/** A List of which no more than one page is ever held. */
function listPrinter(terminal: Terminal, format: "json" | "yaml"): Printer {
	let isOpen = false;
	const item = format === "json" ? jsonItem : yamlItem;
	return {
		async add(page) {
			for (const object of page.objects()) {
				const text = await item(readable(object));
				terminal.write(`${isOpen ? SEPARATORS[format] : HEADS[format]}${text}`);
				isOpen = true;
			}
		},
		async end(isEmptyList) {
			if (isOpen) terminal.write(format === "json" ? `\n    ${JSON_TAIL}` : YAML_TAIL);
			else if (isEmptyList) terminal.write(EMPTY[format]);
		},
	};
}

const HEADS = { json: '{\n    "apiVersion": "v1",\n    "items": [\n', yaml: "apiVersion: v1\nitems:\n" } as const;
const SEPARATORS = { json: ",\n", yaml: "" } as const;
const EMPTY = {
	json: `{\n    "apiVersion": "v1",\n    "items": [${JSON_TAIL}`,
	yaml: `apiVersion: v1\nitems: []\n${YAML_TAIL}`,
} as const;

async function jsonItem(object: PrintableObject): Promise<string> {
	return JSON.stringify(object, null, 4).replaceAll(/^/gm, "        ");
}

function yamlItem(object: PrintableObject): Promise<string> {
	return toYaml([object]);
}

/** What needs all objects at once. */
function collecting(print: (objects: readonly PrintableObject[]) => void): Printer {
	const objects: PrintableObject[] = [];
	return {
		add: async (page) => void objects.push(...page.objects().map(readable)),
		end: async (isEmptyList) => {
			if (objects.length > 0 || isEmptyList) print(objects);
		},
	};
}
