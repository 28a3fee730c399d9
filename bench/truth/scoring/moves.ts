import type { Move } from "../recording.ts";
import type { Request } from "../requests.ts";
import type { Script } from "../script.ts";

/** What fails so long before or after a move is taken for its doing. */
const AROUND_SECONDS = 5;

/** Whether a node's kubelet was gone at a time (ms since the epoch). */
type IsDead = (node: string, at: number) => boolean;

/** Nodes that the script kills, from `startedAt` (ms) on. */
export function deathsOf({ troubles }: Pick<Script, "troubles">, startedAt: number): IsDead {
	const kills = troubles.filter(({ kind }) => kind.name === "Killed");
	return (node, at) => {
		const second = (at - startedAt) / 1000;
		return kills.some((kill) => kill.node === node && kill.from <= second && second < kill.to);
	};
}

/**
 * Requests of an app that failed while we moved it, or shortly before or after, and not because their node was dead:
 * one that found no endpoint counts, unless the app was moved away from a dead node.
 */
export function failedDuringMoves(
	requests: readonly Request[],
	moves: readonly Move[],
	isDead: IsDead,
): readonly Request[] {
	const failed = requests.filter(({ kind, ok }) => kind === "request" && !ok);
	return failed.filter((request) =>
		moves.some((move) => {
			if (move.app !== request.app || !isAround(request, move)) return false;
			const node = request.node === "" ? move.from : request.node;
			return node === undefined || !isDead(node, request.at);
		}),
	);
}

function isAround({ at, latency }: Request, { at: from, rolledOutAt = from, undoneAt }: Move): boolean {
	const margin = AROUND_SECONDS * 1000;
	const meets = (start: number, end: number): boolean => at <= end + margin && at + latency * 1000 >= start - margin;
	return meets(from, rolledOutAt) || (undoneAt !== undefined && meets(undoneAt, undoneAt));
}
