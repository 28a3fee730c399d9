import { usage } from "../../errors.ts";
import type { Operand, Operator, Path, Piece, Step, Template } from "./template.ts";

/** Reads a template. @throws PluginError Usage */
export function parseTemplate(text: string): Template {
	const actions = splitActions(text);
	const pieces = parsePieces(actions);
	if (actions.length > 0) throw malformed(text, "not in range, nothing to end");
	return { text, pieces };
}

/** Reads a path as `--sort-by` and custom columns take it: `metadata.name`, `.metadata.name`, `{.metadata.name}`. */
export function parsePath(text: string): Path {
	const inner = /^\{(.*)\}$/s.exec(text)?.[1] ?? text;
	return parseSteps(inner.startsWith(".") || inner.startsWith("[") || inner.startsWith("$") ? inner : `.${inner}`);
}

type Action = { readonly text: string } | { readonly action: string };

/** Text outside of braces and what stands inside of them. */
function splitActions(text: string): Action[] {
	const found: Action[] = [];
	let at = 0;
	while (at < text.length) {
		const open = text.indexOf("{", at);
		if (open < 0) {
			found.push({ text: text.slice(at) });
			return found;
		}
		if (open > at) found.push({ text: text.slice(at, open) });
		const close = endOf(text, open + 1, "}");
		if (close < 0) throw malformed(text, "unclosed action");
		found.push({ action: text.slice(open + 1, close).trim() });
		at = close + 1;
	}
	return found;
}

/** What must not be searched: quoted text, and what is in brackets or parentheses. */
const CLOSED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/gs;

/** Where `closing` stands outside of quotes, brackets and parentheses; -1: nowhere. */
function endOf(text: string, from: number, closing: string): number {
	const blanked = text.replaceAll(CLOSED, (quoted) => " ".repeat(quoted.length));
	let depth = 0;
	for (let at = from; at < text.length; at += 1) {
		const character = blanked.charAt(at);
		if (character === closing && depth === 0) return at;
		if (character === "[" || character === "(") depth += 1;
		if (character === "]" || character === ")") depth -= 1;
	}
	return -1;
}

/** Takes actions until their end, or until the `end` of the range they are in. */
function parsePieces(actions: Action[], inRange = false): readonly Piece[] {
	const pieces: Piece[] = [];
	for (let next = actions.shift(); next !== undefined; next = actions.shift()) {
		if ("text" in next) {
			pieces.push({ kind: "text", text: next.text });
			continue;
		}
		const { action } = next;
		if (action === "end") {
			if (inRange) return pieces;
			throw malformed("{end}", "not in range, nothing to end");
		}
		pieces.push(parseAction(action, actions));
	}
	if (inRange) throw malformed("{range}", "unclosed range: {end} is missing");
	return pieces;
}

function parseAction(action: string, actions: Action[]): Piece {
	if (/^["']/.test(action)) return { kind: "text", text: unquoted(action) };
	const [, range] = /^range(?=[\s.@$[])\s*(.+)$/s.exec(action) ?? [];
	if (range !== undefined) return { kind: "range", steps: parseSteps(range), body: parsePieces(actions, true) };
	return { kind: "path", steps: parseSteps(action) };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unquoted(text: string): string {
	return text.slice(1, -1).replaceAll(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);
}

function parseSteps(text: string): Path {
	const steps: Step[] = [];
	let rest = text.trim();
	while (rest !== "") {
		const [step, length] = nextStep(rest, text);
		if (step) steps.push(step);
		rest = rest.slice(length);
	}
	return steps;
}

/** The first step of `rest` and how long it is. */
function nextStep(rest: string, whole: string): readonly [step: Step | undefined, length: number] {
	if (rest.startsWith("[")) {
		const close = endOf(rest, 1, "]");
		if (close < 0) throw malformed(whole, "unterminated array");
		return [parseBrackets(rest.slice(1, close).trim(), whole), close + 1];
	}
	const sign = SIGNS.find(([text]) => rest.startsWith(text));
	if (sign) return [sign[1], sign[0].length];
	// A lone dot, as in `{.}` and `{.[0]}`, stays where it is.
	if (/^\.(?:\[|$)/.test(rest)) return [undefined, 1];
	const [all, name] = FIELD.exec(rest) ?? [];
	if (all === undefined || name === undefined) throw malformed(whole, `unrecognized character "${rest.charAt(0)}"`);
	return [{ kind: "field", name: name.replaceAll(/\\(.)/gs, "$1") }, all.length];
}

const FIELD = /^\.?((?:\\.|[^.[\]\s\\])+)/s;

/** Longer ones first; of `..name` one dot is the field's. */
const SIGNS: readonly (readonly [text: string, step: Step])[] = [
	["..", { kind: "descend" }],
	[".*", { kind: "wildcard" }],
	["*", { kind: "wildcard" }],
	["$", { kind: "root" }],
	["@", { kind: "current" }],
];

function parseBrackets(text: string, whole: string): Step {
	if (text === "*") return { kind: "wildcard" };
	const [, condition] = /^\?\s*\((.*)\)$/s.exec(text) ?? [];
	if (condition !== undefined) return parseFilter(condition, whole);
	const parts = text.split(/,(?=(?:[^']*'[^']*')*[^']*$)/);
	if (parts.length > 1) return { kind: "union", paths: parts.map((part) => [parseBrackets(part.trim(), whole)]) };
	// As kubectl reads it, a quoted key is a path of its own: ['metadata.name'].
	const [, key] = /^["']([^"']*)["']$/.exec(text) ?? [];
	return key === undefined ? parseSlice(text, whole) : { kind: "union", paths: [parseSteps(`.${key}`)] };
}

/** `0`, `-1`, `1:3`, `::2`. */
function parseSlice(text: string, whole: string): Step {
	if (!/^(-?\d+|(-?\d+)?:(-?\d+)?(:\d*)?)$/.test(text)) throw malformed(whole, `invalid array index ${text}`);
	const [start, end, step] = text.split(":").map((part) => (part === "" ? undefined : Number(part)));
	return {
		kind: "slice",
		...(start !== undefined && { start }),
		...(end !== undefined && { end }),
		step: Math.max(1, step ?? 1),
		one: !text.includes(":"),
	};
}

function parseFilter(condition: string, whole: string): Step {
	const match = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/s.exec(condition);
	if (!match) return { kind: "filter", left: parseOperand(condition, whole) };
	const [, left = "", operator, right = ""] = match;
	return {
		kind: "filter",
		left: parseOperand(left, whole),
		operator: operator as Operator,
		right: parseOperand(right, whole),
	};
}

function parseOperand(written: string, whole: string): Operand {
	const text = written.trim();
	if (/^(["']).*\1$/s.test(text)) return { literal: unquoted(text) };
	if (/^-?\d+(\.\d+)?$/.test(text)) return { literal: Number(text) };
	if (text === "true" || text === "false") return { literal: text === "true" };
	if (/^[@.$[]/.test(text)) return { path: parseSteps(text) };
	throw malformed(whole, `unrecognized identifier ${text}`);
}

function malformed(template: string, problem: string): Error {
	return usage(`error parsing jsonpath ${template}, ${problem}`);
}
