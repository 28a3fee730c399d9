import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import type { BacktestResult } from "../../../src/backtest/backtest.ts";
import { OURS } from "../../../src/backtest/policies/names.ts";
import type { Move } from "../../../src/backtest/scoring/moves.ts";
import { formatShare, NONE } from "../output/number.ts";
import type { Table } from "../output/table.ts";
import type { Terminal } from "../terminal.ts";

const HEADERS = ["POLICY", "MOVES", "EFF", "REGRET", "PING-PONGS", "SLO-VIOLATION", "QOS", "MAE", "COVERAGE"];

export function resultTable({ policies }: Pick<BacktestResult, "policies">): Table {
	return {
		headers: HEADERS,
		rows: policies.map(({ name, figures }) => [
			name,
			String(figures.moveCount),
			digits(figures.eff),
			digits(figures.regret),
			String(figures.pingPongs),
			figures.violationSeconds === undefined ? NONE : formatDuration(figures.violationSeconds),
			digits(figures.meanQos),
			digits(figures.mae),
			figures.coverage === undefined ? NONE : formatShare(figures.coverage),
		]),
	};
}

/** Four significant digits: what policies differ by is small beside what they have in common. */
export function digits(value: number | undefined): string {
	return value === undefined ? NONE : String(Number(value.toPrecision(4)));
}

/** Moves written at once. */
const BATCH = 1000;

/** One policy as JSON: its figures, then its moves. */
interface PrintedPolicy {
	readonly head: Readonly<Record<string, unknown>>;
	readonly moves: Iterable<Move>;
}

/** Prints `{policies: [{name, ours, ...figures, moves}]}`. */
export function writeJson(terminal: Pick<Terminal, "write">, { policies }: Pick<BacktestResult, "policies">): void {
	writeResults(
		terminal,
		policies.map(({ name, figures, moves }) => {
			const known = Object.entries(figures).map(([key, value]) => [key, value ?? null]);
			return { head: { name, ours: name === OURS, ...Object.fromEntries(known) }, moves };
		}),
	);
}

/** Piece by piece: moves may be hundreds of thousands. */
export function writeResults(terminal: Pick<Terminal, "write">, policies: readonly PrintedPolicy[]): void {
	terminal.write('{\n    "policies": [\n');
	for (const [index, policy] of policies.entries()) {
		writePolicy(terminal, policy);
		terminal.write(index < policies.length - 1 ? ",\n" : "\n");
	}
	terminal.write("    ]\n}\n");
}

function writePolicy(terminal: Pick<Terminal, "write">, { head, moves }: PrintedPolicy): void {
	const lines = JSON.stringify(head, null, 4).split("\n").slice(0, -1).join("\n        ");
	terminal.write(`        ${lines},\n            "moves": [`);
	let batch: string[] = [];
	let isFirst = true;
	for (const move of moves) {
		batch.push(`${isFirst ? "" : ","}\n                ${JSON.stringify(moveObject(move))}`);
		isFirst = false;
		if (batch.length < BATCH) continue;
		terminal.write(batch.join(""));
		batch = [];
	}
	terminal.write(`${batch.join("")}${isFirst ? "" : "\n            "}]\n        }`);
}

function moveObject({ time, workload, from, to, reason }: Move) {
	return { time: new Date(time).toISOString(), workload, from, to, reason };
}
