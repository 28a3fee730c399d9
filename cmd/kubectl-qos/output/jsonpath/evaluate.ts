import { usage } from "../../errors.ts";
import type { Operand, Path, Piece, Step, Template } from "./template.ts";

/** Where paths start. */
interface Scope {
	readonly root: unknown;
	readonly current: unknown;
	/** An item that is not there is an error, as for kubectl; a field that is not there never is. */
	readonly strict?: boolean;
}

/** The text of a template. @throws PluginError Usage */
export function renderTemplate({ text, pieces }: Template, root: unknown): string {
	try {
		return renderPieces(pieces, { root, current: root, strict: true });
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw usage(`error executing jsonpath ${JSON.stringify(text)}: Error executing template: ${error.message}`);
	}
}

function renderPieces(pieces: readonly Piece[], scope: Scope): string {
	return pieces.map((piece) => render(piece, scope)).join("");
}

function render(piece: Piece, scope: Scope): string {
	switch (piece.kind) {
		case "text":
			return piece.text;
		case "path":
			return resolve(piece.steps, scope).map(shown).join(" ");
		case "range":
			return resolve(piece.steps, scope)
				.map((item) => renderPieces(piece.body, { ...scope, current: item }))
				.join("");
	}
}

/** Every value that a path leads to. */
export function valuesAt(path: Path, root: unknown): readonly unknown[] {
	return resolve(path, { root, current: root });
}

function resolve(path: Path, scope: Scope): readonly unknown[] {
	let values: readonly unknown[] = [scope.current];
	for (const step of path) values = values.flatMap((value) => follow(step, value, scope));
	return values.filter((value) => value !== undefined);
}

function follow(step: Step, value: unknown, scope: Scope): readonly unknown[] {
	switch (step.kind) {
		case "root":
			return [scope.root];
		case "current":
			return [value];
		case "wildcard":
			return typeof value === "object" && value !== null ? Object.values(value) : [];
		case "descend":
			return descendants(value);
		case "field":
			return fieldOf(value, step.name);
		case "slice":
			return Array.isArray(value) ? sliceOf(value, step, scope) : [];
		case "union":
			return step.paths.flatMap((path) => resolve(path, { ...scope, current: value }));
		case "filter":
			return Array.isArray(value) ? value.filter((item) => holds(step, { root: scope.root, current: item })) : [];
	}
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
	if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return [];
	return [(value as Readonly<Record<string, unknown>>)[name]];
}

function descendants(value: unknown): readonly unknown[] {
	if (typeof value !== "object" || value === null) return [value];
	return [value, ...Object.values(value).flatMap(descendants)];
}

function sliceOf(
	list: readonly unknown[],
	slice: Step & { readonly kind: "slice" },
	{ strict }: Scope,
): readonly unknown[] {
	const { start = 0 } = slice;
	if (slice.one && strict && (start < -list.length || start >= list.length)) {
		throw new RangeError(`array index out of bounds: index ${start}, length ${list.length}`);
	}
	if (slice.one) return [list.at(start)];
	return list.slice(slice.start, slice.end).filter((_, index) => index % slice.step === 0);
}

function holds({ left, operator, right }: Step & { readonly kind: "filter" }, scope: Scope): boolean {
	const [first] = operandValues(left, scope);
	if (operator === undefined || !right) return first !== undefined;
	const [second] = operandValues(right, scope);
	const order = compare(first, second);
	switch (operator) {
		case "==":
			return order === 0;
		case "!=":
			return order !== 0;
		case "<":
			return order !== undefined && order < 0;
		case "<=":
			return order !== undefined && order <= 0;
		case ">":
			return order !== undefined && order > 0;
		case ">=":
			return order !== undefined && order >= 0;
	}
}

function operandValues(operand: Operand, scope: Scope): readonly unknown[] {
	return "path" in operand ? resolve(operand.path, scope) : [operand.literal];
}

/** Less, equal or more than 0; `undefined` where two values have no order. */
export function compare(left: unknown, right: unknown): number | undefined {
	if (left === right) return 0;
	if (typeof left === "number" && typeof right === "number") return left - right;
	if (typeof left === "string" && typeof right === "string") return left < right ? -1 : 1;
	return undefined;
}

/** A value as text: strings bare, objects and lists as JSON. */
export function shown(value: unknown): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}
