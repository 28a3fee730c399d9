import type { DecisionEntry, LogEntry } from "../core/decision-log/entry.ts";
import { isSame, replay } from "../core/decision-log/replay.ts";
import type { Recommendation } from "../core/recommendation/recommend.ts";
import { MoveLog } from "./scoring/moves.ts";

/** A decision in short. */
export interface Verdict {
	readonly action: string;
	readonly reason: string;
	/** Where to; absent: nowhere. */
	readonly node: string | undefined;
}

/** A decision that this core takes otherwise than the log says. */
export interface Difference {
	/** ms since the epoch. */
	readonly time: number;
	readonly workload: string;
	readonly logged: Verdict;
	readonly replayed: Verdict;
}

/** Differences that are kept one by one; all are counted. */
const KEPT_DIFFERENCES = 1000;

/** Decides again what a decision log holds, entry by entry. */
export class Replay {
	decisions = 0;
	different = 0;
	readonly differences: Difference[] = [];
	readonly loggedMoves = new MoveLog();
	readonly replayedMoves = new MoveLog();

	take(entry: LogEntry): void {
		if (entry.kind !== "Decision") return;
		const again = replay(entry);
		this.decisions += 1;
		addMove(this.loggedMoves, entry, entry);
		addMove(this.replayedMoves, entry, again);
		if (isSame(entry, again)) return;
		this.different += 1;
		if (this.differences.length === KEPT_DIFFERENCES) return;
		const { time, workload } = entry;
		this.differences.push({ time, workload, logged: verdictOf(entry), replayed: verdictOf(again) });
	}
}

type Decided = Pick<Recommendation, "decision"> & { readonly recommended?: Recommendation["recommended"] };

function verdictOf({ decision: { action, reason }, recommended }: Decided): Verdict {
	return { action, reason, node: recommended?.node };
}

function addMove(log: MoveLog, { time, workload, input }: DecisionEntry, { decision, recommended }: Decided): void {
	if (decision.action !== "Move" || !recommended) return;
	const reason = `${decision.reason}: ${decision.message}`;
	log.add({ time, workload, from: input.current.node ?? "", to: recommended.node, reason });
}
