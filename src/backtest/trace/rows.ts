import { type Cell, nameOf, numberOf, timeOf } from "./cell.ts";
import { CsvReader, type CsvRecord } from "./csv.ts";
import { type JsonRecord, readJsonLines } from "./json-lines.ts";
import { CURRENT_COLUMN, KEY_COLUMNS, type Layout, layoutOf } from "./layout.ts";
import { type Lines, TraceError } from "./lines.ts";

/** One row of a trace. */
export interface Row {
	readonly line: number;
	/** ms since the epoch. */
	readonly time: number;
	readonly workload: string;
	readonly node: string;
	/** The node where the workload is, where the trace says it. */
	readonly current: string | undefined;
	/** In the order of the layout's values; NaN is Unknown. */
	readonly values: readonly number[];
}

/** Turns the lines of a trace into rows; CSV or JSON Lines, by its first line. */
export class RowReader {
	private reader: RecordReader | undefined;

	/** Known after the first record. */
	get layout(): Layout | undefined {
		return this.reader?.layout;
	}

	/** @throws TraceError */
	*read(lines: Lines): Generator<Row> {
		if (!this.reader) {
			const start = lines.lines.find((line) => line.trim() !== "");
			if (start === undefined) return;
			this.reader = start.trimStart().startsWith("{") ? new JsonRows() : new CsvRows();
		}
		yield* this.reader.read(lines);
	}

	/** Call it after the last line. @throws TraceError when there was no row */
	end(): void {
		if (!this.reader) throw new TraceError("the file is empty; a trace has a header line and rows", 1);
		this.reader.end();
		if (this.reader.rows === 0) throw new TraceError("the file has a header and no rows; write the rows below it", 1);
	}
}

abstract class RecordReader {
	layout: Layout | undefined;
	rows = 0;
	private timeText: Cell;
	private time = Number.NaN;

	abstract read(lines: Lines): Generator<Row>;
	abstract end(): void;

	/** Rows of one tick repeat their time: it is read once. */
	protected timeOf(cell: Cell, line: number): number {
		if (cell !== this.timeText) {
			this.time = timeOf(cell, line);
			this.timeText = cell;
		}
		return this.time;
	}
}

class CsvRows extends RecordReader {
	private readonly csv = new CsvReader();
	private columns = 0;
	/** Positions of time, workload, node, current (-1: absent) and of the values. */
	private positions: readonly [number, number, number, number] = [-1, -1, -1, -1];
	private values: readonly { readonly name: string; readonly at: number }[] = [];

	*read(lines: Lines): Generator<Row> {
		for (const record of this.csv.read(lines)) {
			if (this.layout) yield this.row(record);
			else this.takeHeader(record);
		}
	}

	end(): void {
		this.csv.end();
	}

	private takeHeader({ line, fields }: CsvRecord): void {
		const names = fields.map((name) => name.trim());
		this.layout = layoutOf(names, line);
		this.columns = names.length;
		const [time, workload, node] = KEY_COLUMNS.map((name) => names.indexOf(name)) as [number, number, number];
		this.positions = [time, workload, node, names.indexOf(CURRENT_COLUMN)];
		this.values = this.layout.values.map((name) => ({ name, at: names.indexOf(name) }));
	}

	private row({ line, fields }: CsvRecord): Row {
		if (fields.length !== this.columns) {
			const message = `the row has ${fields.length} fields and the header ${this.columns}; a field with a comma needs quotes`;
			throw new TraceError(message, line);
		}
		const [time, workload, node, current] = this.positions;
		this.rows += 1;
		return {
			line,
			time: this.timeOf(fields[time], line),
			workload: nameOf(fields[workload], "workload", line),
			node: nameOf(fields[node], "node", line),
			current: (current >= 0 && fields[current]) || undefined,
			values: this.values.map(({ name, at }) => numberOf(fields[at], name, line)),
		};
	}
}

class JsonRows extends RecordReader {
	*read(lines: Lines): Generator<Row> {
		for (const { line, record } of readJsonLines(lines)) {
			this.layout ??= jsonLayout(record, line);
			yield this.row(record, this.layout, line);
		}
	}

	end(): void {}

	private row(record: JsonRecord, { values }: Layout, line: number): Row {
		const current = record[CURRENT_COLUMN];
		this.rows += 1;
		return {
			line,
			time: this.timeOf(record["time"], line),
			workload: nameOf(record["workload"], "workload", line),
			node: nameOf(record["node"], "node", line),
			current: current === undefined || current === null ? undefined : nameOf(current, CURRENT_COLUMN, line),
			values: values.map((name) => numberOf(record[name], name, line)),
		};
	}
}

/** Fields that are Unknown may be left out of any object, so a first one need not show an interval. */
function jsonLayout(record: JsonRecord, line: number): Layout {
	const layout = layoutOf(Object.keys(record), line);
	return layout.form === "Predictions" ? { ...layout, values: ["predicted", "actual", "lower", "upper"] } : layout;
}
