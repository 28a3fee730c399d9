import { type Lines, TraceError } from "./lines.ts";

/** One record with the number of its first line. */
export interface CsvRecord {
	readonly line: number;
	readonly fields: readonly string[];
}

const MAX_QUOTED_LENGTH = 1024 * 1024;

/**
 * CSV as RFC 4180 writes it: fields in quotes may hold commas, line ends and doubled quotes. Ours and not
 * a library's because every message needs the true line number, and because lines without a quote, which
 * is nearly all of them, are read several times faster by a plain split.
 */
export class CsvReader {
	/** A record whose quote is still open. */
	private open: { readonly line: number; readonly texts: string[]; quotes: number; length: number } | undefined;

	/** The records that these lines complete; empty lines are skipped. @throws TraceError */
	*read({ first, lines }: Lines): Generator<CsvRecord> {
		for (let index = 0; index < lines.length; index += 1) {
			const text = lines[index] as string;
			const line = first + index;
			if (!this.open && !text.includes('"')) {
				if (text !== "") yield { line, fields: text.split(",") };
				continue;
			}
			const record = this.quotedRecord(text, line);
			if (record) yield record;
		}
	}

	/** Call it after the last line. @throws TraceError when a quote was never closed */
	end(): void {
		if (this.open) throw new TraceError("a quote is opened here and never closed; close or double it", this.open.line);
	}

	private quotedRecord(text: string, line: number): CsvRecord | undefined {
		const open = (this.open ??= { line, texts: [], quotes: 0, length: 0 });
		open.texts.push(text);
		open.quotes += text.split('"').length - 1;
		open.length += text.length;
		if (open.length > MAX_QUOTED_LENGTH) this.end();
		if (open.quotes % 2 === 1) return undefined;
		this.open = undefined;
		return { line: open.line, fields: split(open.texts.join("\n"), open.line) };
	}
}

const FIELD = /("(?:[^"]|"")*"|[^",]*)(,|$)/y;

function split(text: string, line: number): readonly string[] {
	const fields: string[] = [];
	FIELD.lastIndex = 0;
	for (;;) {
		const match = FIELD.exec(text);
		if (!match) throw new TraceError("a quote stands in the middle of a field; put the whole field in quotes", line);
		const [, field = "", end] = match;
		fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
		if (end === "") return fields;
	}
}
