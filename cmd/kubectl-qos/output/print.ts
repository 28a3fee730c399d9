import type { Terminal } from "../terminal.ts";

export const OUTPUTS = ["json", "yaml", "wide", "name"] as const;

/** How a result that is not read from a list is printed; absent: as text. */
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

export function listOf(items: readonly PrintableObject[]): object {
	return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}

/** What stderr says of an empty list; `namespace` absent: all were asked for. */
export function noResources(namespace: string | undefined): string {
	return namespace === undefined ? "No resources found" : `No resources found in ${namespace} namespace.`;
}

/** YAML that a YAML 1.1 reader such as kubectl reads back as the same strings (`yes`, `1e3` are quoted). */
export async function toYaml(value: unknown): Promise<string> {
	const { stringify } = await import("yaml");
	return stringify(value, { version: "1.1", aliasDuplicateObjects: false, lineWidth: 0, indentSeq: false });
}

/** `qosreport.kubectl-qos.dev/web`, as kubectl prints with `-o name`. */
export function qualifiedName(object: PrintableObject): string {
	const [group] = String(object.apiVersion).split("/");
	const suffix = String(object.apiVersion).includes("/") ? `.${group}` : "";
	return `${String(object.kind).toLowerCase()}${suffix}/${object.metadata?.name ?? ""}`;
}
