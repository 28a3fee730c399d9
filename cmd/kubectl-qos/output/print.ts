import type { Terminal } from "../terminal.ts";
import { formatTable, type Table } from "./table.ts";

export const OUTPUTS = ["json", "yaml", "wide", "name"] as const;

/** How a result is printed; absent: as a table. */
export type OutputFormat = (typeof OUTPUTS)[number];

interface PrintableMetadata {
	readonly name?: string | undefined;
	readonly namespace?: string | undefined;
}

/** A Kubernetes object, as far as printing needs to know it. */
export interface PrintableObject {
	readonly apiVersion?: unknown;
	readonly kind?: unknown;
	readonly metadata?: PrintableMetadata | undefined;
}

/** One result in the forms it can be printed in; only what the format needs is made. */
export interface Printable {
	table(wide: boolean): Table;
	objects(): readonly PrintableObject[];
	/** One object was asked for by name: it is printed bare, not in a List. */
	readonly single: boolean;
}

/** Prints a result; an empty table prints nothing. */
export async function print(
	terminal: Terminal,
	result: Printable,
	how: { readonly output: OutputFormat | undefined; readonly headers: boolean },
): Promise<void> {
	switch (how.output) {
		case "json":
		case "yaml":
			await printValue(terminal, listOf({ ...result, objects: () => result.objects().map(readable) }), how.output);
			return;
		case "name":
			for (const object of result.objects()) terminal.write(`${qualifiedName(object)}\n`);
			return;
		case "wide":
		case undefined: {
			const table = result.table(how.output === "wide");
			if (table.rows.length > 0) terminal.write(formatTable(table, how.headers));
		}
	}
}

/** Prints a value as kubectl prints JSON (four spaces) and YAML. */
export async function printValue(terminal: Terminal, value: unknown, output: "json" | "yaml"): Promise<void> {
	terminal.write(output === "json" ? `${JSON.stringify(value, null, 4)}\n` : await toYaml(value));
}

/** Without the book-keeping that kubectl does not show either. */
export function readable<T extends PrintableObject>(object: T): T {
	if (!object.metadata) return object;
	const { managedFields: _, ...metadata }: PrintableMetadata & { readonly managedFields?: unknown } = object.metadata;
	return { ...object, metadata };
}

function listOf(result: Printable): unknown {
	const items = result.objects();
	const [only] = items;
	if (result.single && only !== undefined && items.length === 1) return only;
	return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}

/** YAML that a YAML 1.1 reader such as kubectl reads back as the same strings (`yes`, `1e3` are quoted). */
async function toYaml(value: unknown): Promise<string> {
	const { stringify } = await import("yaml");
	return stringify(value, { version: "1.1", aliasDuplicateObjects: false, lineWidth: 0, indentSeq: false });
}

/** `qosreport.kubectl-qos.dev/web`, as kubectl prints with `-o name`. */
export function qualifiedName(object: PrintableObject): string {
	const [group] = String(object.apiVersion).split("/");
	const suffix = String(object.apiVersion).includes("/") ? `.${group}` : "";
	return `${String(object.kind).toLowerCase()}${suffix}/${object.metadata?.name ?? ""}`;
}
