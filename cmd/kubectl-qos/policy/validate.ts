import { type Document, isMap, LineCounter, parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { API_VERSION } from "../../../src/api/v1alpha1/group.ts";
import { type PolicyProblem, policyProblems } from "../../../src/api/v1alpha1/policy.ts";
import { manifestFile } from "../install/files.ts";
import { similar } from "./similar.ts";

type Path = readonly (string | number)[];

/** One thing wrong with a file. */
export interface FileProblem {
	/** From 1. */
	readonly line: number;
	/** `spec.rebalance.minGain`; empty: the document as a whole. */
	readonly path: string;
	readonly message: string;
}

/** What a file holds: the policies that are right, and all that is wrong. */
export interface Validation {
	readonly valid: readonly string[];
	readonly problems: readonly FileProblem[];
}

/** Checks every QoSPolicy of a text as kubectl would read it (YAML 1.1: a bare `Off` is false). */
export function validatePolicies(text: string): Validation {
	const lineCounter = new LineCounter();
	const lineOf = (offset: number) => lineCounter.linePos(offset).line;
	const checked = parseAllDocuments(text, { lineCounter, version: "1.1", prettyErrors: false })
		.map((document) => checkDocument(document, lineOf))
		.filter((result) => result !== undefined);
	if (checked.length === 0)
		return { valid: [], problems: [{ line: 1, path: "kind", message: "there is no QoSPolicy in it" }] };
	return {
		valid: checked.filter(({ problems }) => problems.length === 0).map(({ name }) => name),
		problems: checked.flatMap(({ problems }) => problems).toSorted((left, right) => left.line - right.line),
	};
}

/** `undefined`: no QoSPolicy, and not meant as one. */
function checkDocument(
	document: Document.Parsed,
	lineOf: (offset: number) => number,
): { readonly name: string; readonly problems: readonly FileProblem[] } | undefined {
	const { errors, contents } = document;
	if (errors.length > 0) {
		return { name: "", problems: errors.map(({ pos, message }) => ({ line: lineOf(pos[0]), path: "", message })) };
	}
	if (contents === null) return undefined;
	const line = lineOf(contents.range?.[0] ?? 0);
	const value = valueOf(document);
	if ("unreadable" in value) return { name: "", problems: [{ line, path: "", message: value.unreadable }] };
	const object = z.looseObject({}).safeParse(value.read).data;
	if (!object) return { name: "", problems: [{ line, path: "", message: "a QoSPolicy is a mapping of fields" }] };
	if (isOtherKind(object["kind"])) return undefined;
	const named = z.object({ metadata: z.object({ name: z.string() }) }).safeParse(object).data;
	const problems = problemsOf(object).map(({ path, message }) => ({
		line: lineOf(offsetOf(document, path)),
		path: path.join("."),
		message,
	}));
	return { name: named?.metadata.name ?? "?", problems };
}

/** Aliases may point nowhere, or multiply without bounds. */
function valueOf(document: Document.Parsed): { readonly read: unknown } | { readonly unreadable: string } {
	try {
		return { read: document.toJS() };
	} catch (error) {
		return { unreadable: error instanceof Error ? error.message : String(error) };
	}
}

interface Problem {
	readonly path: Path;
	readonly message: string;
}

/** A file may hold other things beside; what is nearly called QoSPolicy is meant as one. */
function isOtherKind(kind: unknown): boolean {
	return typeof kind === "string" && kind !== "QoSPolicy" && similar(kind, ["QoSPolicy"]) === undefined;
}

function problemsOf(object: Readonly<Record<string, unknown>>): readonly Problem[] {
	const head: Problem[] = [];
	if (object["kind"] !== "QoSPolicy") head.push({ path: ["kind"], message: 'must be "QoSPolicy"' });
	if (object["apiVersion"] !== API_VERSION) head.push({ path: ["apiVersion"], message: `must be "${API_VERSION}"` });
	const named = z.object({ name: z.string().min(1) }).safeParse(object["metadata"]);
	if (!named.success) head.push({ path: ["metadata", "name"], message: "is required" });
	const schema = policySchema();
	const unknown = unknownFields(object["spec"], schema, ["spec"]);
	const known = policyProblems(object["spec"]).map((problem) => explained(problem, object["spec"]));
	return [...head, ...unknown, ...known];
}

/** A JSON schema as the CRD writes it, as far as the names of fields go. */
interface FieldSchema {
	readonly properties?: Readonly<Record<string, FieldSchema>> | undefined;
	readonly items?: FieldSchema | undefined;
}

const crdSchema = z.object({
	spec: z.object({
		versions: z.tuple([
			z.object({
				schema: z.object({ openAPIV3Schema: z.object({ properties: z.object({ spec: z.looseObject({}) }) }) }),
			}),
		]),
	}),
});

/** The CRD's own schema: the one list of fields that there is. */
function policySchema(): FieldSchema {
	const crd = crdSchema.parse(parse(manifestFile("crds/qospolicies.yaml")));
	return crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
}

function unknownFields(value: unknown, { properties, items }: FieldSchema, path: Path): readonly Problem[] {
	if (Array.isArray(value)) {
		return items ? value.flatMap((entry, index) => unknownFields(entry, items, [...path, index])) : [];
	}
	if (typeof value !== "object" || value === null || !properties) return [];
	const names = Object.keys(properties);
	return Object.entries(value).flatMap(([name, entry]): readonly Problem[] => {
		const schema = properties[name];
		if (schema) return unknownFields(entry, schema, [...path, name]);
		return [{ path: [...path, name], message: `unknown field${didYouMean(name, names)}` }];
	});
}

function explained({ path, message, allowed }: PolicyProblem, spec: unknown): Problem {
	const value = path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[String(key)] : undefined), spec);
	const where = ["spec", ...path];
	if (allowed && typeof value === "boolean") {
		const word = value ? "On" : "Off";
		return { path: where, message: `${word} without quotes is ${value} in YAML; write "${word}"` };
	}
	if (value === undefined)
		return { path: where, message: allowed ? `is required: ${allowed.join(", ")}` : "is required" };
	return {
		path: where,
		message: allowed && typeof value === "string" ? message + didYouMean(value, allowed) : message,
	};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}

function didYouMean(word: string, candidates: readonly string[]): string {
	const meant = similar(word, candidates);
	return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

/** Where in the text a path is, or as much of it as there is. */
function offsetOf(document: Document.Parsed, path: Path): number {
	for (let length = path.length; length > 0; length -= 1) {
		const parent = document.getIn(path.slice(0, length - 1), true);
		const key = path[length - 1];
		const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined;
		const node = (pair?.key ?? document.getIn(path.slice(0, length), true)) as
			| { range?: readonly number[] }
			| undefined;
		if (node?.range?.[0] !== undefined) return node.range[0];
	}
	return document.contents?.range?.[0] ?? 0;
}
