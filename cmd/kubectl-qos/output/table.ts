import type { Terminal } from "../terminal.ts";
import { isAscii, printable } from "./printable.ts";

/** Rows of cells under upper-case headers. */
export interface Table {
	readonly headers: readonly string[];
	readonly rows: readonly (readonly string[])[];
}

const GAP = "   ";

/** A table as kubectl prints it: left-aligned, three spaces between, nothing after the last cell. */
export function formatTable(table: Table, showHeaders: boolean): string {
	const lines = cellsOf(table, showHeaders);
	return format(lines, widthsOf(lines, []));
}

/** Writes one table in several parts: the headers once, and no column narrower than before. */
export class TableWriter {
	readonly #terminal: Pick<Terminal, "write">;
	#headers: boolean;
	#widths: readonly number[] = [];

	constructor(terminal: Pick<Terminal, "write">, headers: boolean) {
		this.#terminal = terminal;
		this.#headers = headers;
	}

	/** No rows: nothing is written. */
	write(table: Table): void {
		if (table.rows.length === 0) return;
		const lines = cellsOf(table, this.#headers);
		this.#headers = false;
		this.#widths = widthsOf(lines, this.#widths);
		this.#terminal.write(format(lines, this.#widths));
	}
}

function cellsOf({ headers, rows }: Table, showHeaders: boolean): readonly (readonly string[])[] {
	return [...(showHeaders ? [headers] : []), ...rows].map((cells) => cells.map(printable));
}

function widthsOf(lines: readonly (readonly string[])[], atLeast: readonly number[]): readonly number[] {
	const widths = [...atLeast];
	for (const cells of lines) {
		for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
	}
	return widths;
}

function format(lines: readonly (readonly string[])[], widths: readonly number[]): string {
	return lines.map((cells) => `${formatLine(cells, widths)}\n`).join("");
}

function formatLine(cells: readonly string[], widths: readonly number[]): string {
	const padded = cells.map((cell, column) => {
		const isLast = column === cells.length - 1;
		return isLast ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell));
	});
	return padded.join(GAP);
}

function widthOf(text: string): number {
	return isAscii(text) ? text.length : Array.from(text).length;
}
