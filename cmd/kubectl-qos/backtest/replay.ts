import { parseLogEntry } from "../../../src/adapters/decision-log/schema.ts";
import { OURS } from "../../../src/backtest/policies/names.ts";
import { type Difference, Replay, type Verdict } from "../../../src/backtest/replay.ts";
import { readJsonLines } from "../../../src/backtest/trace/json-lines.ts";
import { type Lines, TraceError } from "../../../src/backtest/trace/lines.ts";
import { replayDiffers } from "../errors.ts";
import { formatTable } from "../output/table.ts";
import type { Terminal } from "../terminal.ts";
import { writeResults } from "./output.ts";

const KINDS = /"kind"\s*:\s*"(Decision|Plan|Outcome)"/;
/** Differences that are told one by one. */
const TOLD = 10;

/** Whether a file that begins with this line is a decision log and not a trace. */
export function isDecisionLog(line: string): boolean {
	return line.trimStart().startsWith("{") && KINDS.test(line);
}

/** Decides again what the log holds. @throws TraceError for a line that is no entry */
export async function runReplay(lines: AsyncIterable<Lines>): Promise<Replay> {
	const replay = new Replay();
	for await (const batch of lines) {
		for (const { line, record } of readJsonLines(batch)) {
			const parsed = parseLogEntry(record);
			if (!parsed.ok) throw new TraceError(`it is no entry of a decision log: ${parsed.message}; drop the line`, line);
			replay.take(parsed.entry);
		}
	}
	return replay;
}

/** Prints what a replay found. @throws PluginError ReplayDiffers when this core decides otherwise */
export function printReplay(replay: Replay, output: "table" | "json", terminal: Terminal): void {
	const { decisions, different, differences, loggedMoves, replayedMoves } = replay;
	if (output === "json") {
		writeResults(terminal, [
			{
				head: {
					name: OURS,
					ours: true,
					moveCount: replayedMoves.length,
					decisions,
					different,
					differences: differences.map((one) => ({ ...one, time: new Date(one.time).toISOString() })),
				},
				moves: replayedMoves,
			},
			{ head: { name: "log", ours: false, moveCount: loggedMoves.length, decisions }, moves: loggedMoves },
		]);
	} else {
		const rows = [
			[OURS, String(decisions), String(replayedMoves.length), String(different)],
			["log", String(decisions), String(loggedMoves.length), "0"],
		];
		terminal.write(formatTable({ headers: ["POLICY", "DECISIONS", "MOVES", "DIFFERENT"], rows }, true));
	}
	if (different === 0) return;
	for (const difference of differences.slice(0, TOLD)) terminal.note(told(difference));
	throw replayDiffers(`${different} of ${decisions} decisions are not those of the log`);
}

function told({ time, workload, logged, replayed }: Difference): string {
	return `${new Date(time).toISOString()} ${workload}: ${shown(logged)} in the log, ${shown(replayed)} now`;
}

function shown({ action, reason, node }: Verdict): string {
	return `${action} (${reason}${node === undefined ? "" : `, ${node}`})`;
}
