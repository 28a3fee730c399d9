import type { Layout } from "./layout.ts";
import { quoted, TraceError } from "./lines.ts";
import type { Row } from "./rows.ts";

/** The nodes of one workload: their numbers stay the same over the whole trace. */
export class NodeRegister {
	readonly names: string[] = [];
	private readonly numbers = new Map<string, number>();
	private hint = 0;

	/** The number of a node, a new one if it was never seen. */
	number(name: string): number {
		// Rows come in the same order at nearly every tick, so the next one is mostly the right guess.
		const guess = this.hint < this.names.length ? this.hint : 0;
		let number = this.names[guess] === name ? guess : this.numbers.get(name);
		if (number === undefined) {
			number = this.names.push(name) - 1;
			this.numbers.set(name, number);
		}
		this.hint = number + 1;
		return number;
	}

	/** `undefined` for a node that has had no row yet. */
	find(name: string): number | undefined {
		return this.numbers.get(name);
	}
}

/** All rows of one workload at one time. Columns are by node number; NaN is Unknown or not there. */
export interface WorkloadTick {
	readonly workload: string;
	readonly nodes: NodeRegister;
	/** Numbers of the nodes that have a row, in the order of the rows. */
	readonly present: readonly number[];
	/** Where it is: what `current` says, else the node of the last row. */
	readonly current: number;
	/** One column per value of the layout. */
	readonly columns: readonly Float64Array[];
	/** Of its first row. */
	readonly line: number;
}

/** All rows of one time. */
export interface Tick {
	/** ms since the epoch. */
	readonly time: number;
	/** In the order of their first rows. */
	readonly workloads: readonly WorkloadTick[];
	readonly rows: number;
}

interface Draft {
	readonly workload: string;
	readonly nodes: NodeRegister;
	readonly rows: Row[];
	readonly numbers: number[];
}

/** Gathers rows into ticks. @throws TraceError for times that go back and rows that are there twice */
export class TickAssembler {
	private readonly registers = new Map<string, NodeRegister>();
	/** By workload and node number: the tick of the node's last row. */
	private readonly seen = new Map<string, number[]>();
	private drafts = new Map<string, Draft>();
	private time = Number.NEGATIVE_INFINITY;
	private count = 0;
	private rows = 0;

	/** Takes a row; gives the tick before it when the row begins another one. */
	add(row: Row, layout: Layout): Tick | undefined {
		if (row.time < this.time) {
			const ordered = `${iso(row.time)} after ${iso(this.time)}`;
			throw new TraceError(`time goes back, ${ordered}; sort the rows by time, all workloads together`, row.line);
		}
		const finished = row.time > this.time ? this.end(layout) : undefined;
		this.time = row.time;
		let draft = this.drafts.get(row.workload);
		if (!draft) {
			draft = { workload: row.workload, nodes: this.register(row.workload), rows: [], numbers: [] };
			this.drafts.set(row.workload, draft);
		}
		const number = draft.nodes.number(row.node);
		this.refuseTwice(row, number);
		draft.rows.push(row);
		draft.numbers.push(number);
		this.rows += 1;
		return finished;
	}

	/** The tick under way, at the end of the trace or before another one. */
	end(layout: Layout): Tick | undefined {
		const { drafts, rows } = this;
		if (rows === 0) return undefined;
		this.drafts = new Map();
		this.rows = 0;
		this.count += 1;
		return {
			time: this.time,
			workloads: [...drafts.values()].map((draft) => workloadTick(draft, layout)),
			rows,
		};
	}

	private register(workload: string): NodeRegister {
		let register = this.registers.get(workload);
		if (!register) {
			register = new NodeRegister();
			this.registers.set(workload, register);
			this.seen.set(workload, []);
		}
		return register;
	}

	private refuseTwice({ workload, node, time, line }: Row, number: number): void {
		const seen = this.seen.get(workload) as number[];
		if (seen[number] === this.count) {
			const row = `the row of ${workload} on ${node} at ${iso(time)}`;
			throw new TraceError(`${row} is there twice; keep one of them`, line);
		}
		seen[number] = this.count;
	}
}

function workloadTick({ workload, nodes, rows, numbers }: Draft, { values }: Layout): WorkloadTick {
	const columns = values.map(() => new Float64Array(nodes.names.length).fill(Number.NaN));
	for (const [index, row] of rows.entries()) {
		const number = numbers[index] as number;
		for (let column = 0; column < columns.length; column += 1) {
			(columns[column] as Float64Array)[number] = row.values[column] as number;
		}
	}
	const first = rows[0] as Row;
	return { workload, nodes, present: numbers, current: currentOf(rows, nodes), columns, line: first.line };
}

function currentOf(rows: readonly Row[], nodes: NodeRegister): number {
	let said: Row | undefined;
	for (const row of rows) {
		if (row.current === undefined) continue;
		if (said && said.current !== row.current) {
			const both = `${quoted(said.current ?? "")} and ${quoted(row.current)}`;
			throw new TraceError(
				`current is both ${both} for ${row.workload} at one time; a workload is on one node`,
				row.line,
			);
		}
		said = row;
	}
	if (!said) return nodes.find((rows.at(-1) as Row).node) as number;
	const number = nodes.find(said.current as string);
	if (number !== undefined) return number;
	throw new TraceError(
		`current is ${quoted(said.current ?? "")}, a node without a row for ${said.workload}; add its rows or correct the name`,
		said.line,
	);
}

function iso(time: number): string {
	return new Date(time).toISOString();
}
