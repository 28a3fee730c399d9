import { type Lines, quoted, TraceError } from "./lines.ts";

export type JsonRecord = Readonly<Record<string, unknown>>;

/** One JSON object a line; empty lines are skipped. @throws TraceError */
export function* readJsonLines({ first, lines }: Lines): Generator<{ line: number; record: JsonRecord }> {
	for (const [index, text] of lines.entries()) {
		if (text.trim() === "") continue;
		yield { line: first + index, record: jsonRecord(text, first + index) };
	}
}

function jsonRecord(text: string, line: number): JsonRecord {
	// NaN and Infinity are no JSON, but what Python writes.
	const value = parsed(text) ?? parsed(text.replaceAll(/:\s*(NaN|-?Infinity)\b/g, ": null"));
	if (value === undefined) throw new TraceError(`${quoted(text)} is not JSON; write one object a line`, line);
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonRecord;
	throw new TraceError(`${quoted(text)} is not a JSON object; write one object a line`, line);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
