/** Rows of cells under upper-case headers. */
export interface Table {
	readonly headers: readonly string[];
	readonly rows: readonly (readonly string[])[];
}

const GAP = "   ";

/** A table as kubectl prints it: left-aligned, three spaces between, nothing after the last cell. */
export function formatTable({ headers, rows }: Table, showHeaders: boolean): string {
	const lines = [...(showHeaders ? [headers] : []), ...rows].map((cells) => cells.map(printable));
	const widths = headers.map((_, column) => Math.max(0, ...lines.map((cells) => widthOf(cells[column] ?? ""))));
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
	return Array.from(text).length;
}

/** Cells come from a cluster: they must neither break a line nor drive the terminal. */
function printable(cell: string): string {
	return cell.replaceAll(/\s+/g, " ").replaceAll(/\p{Cc}/gu, "");
}
