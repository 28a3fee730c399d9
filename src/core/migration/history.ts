import { isFromFuture } from "../clock-skew.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { Policy } from "../policy/policy.ts";
import { isCancelled } from "./cancellation.ts";
import type { Command } from "./command.ts";
import { isFinished, type Migration } from "./migration.ts";

/** Finished migrations kept per workload. */
const KEPT = 10;

/** The cooldown doubles at most this many times (a factor of 64). */
const MAX_DOUBLINGS = 6;

/** A place where a move went wrong is held back for so many cooldowns, doubling with each time. */
const QUARANTINE_COOLDOWNS = 4;

/** Shortest quarantine, so that it also holds for policies without a cooldown. */
const MIN_QUARANTINE_MS = 60_000;

/** Reasons of failures that say something about the place; others (deleted, overwritten) do not. */
const PLACE_FAILURES: ReadonlySet<string> = new Set([
	"ProgressDeadlineExceeded",
	"Unschedulable",
	"RolloutTimeout",
	"WorseThanBefore",
]);

/** What a workload's migrations mean for its next one: derived, so it survives restarts. */
export interface Standing {
	/** The oldest unfinished migration. */
	readonly inFlight: Migration | undefined;
	/** No move before this time (ms); absent: none was made. */
	readonly coolingUntil: number | undefined;
	/** Moves in a row, up to the newest, that went wrong. */
	readonly setbacks: number;
	/** Domains held back because moves there went wrong. */
	readonly quarantined: ReadonlySet<string>;
}

/** A workload that never moved. */
export const NO_HISTORY: Standing = {
	inFlight: undefined,
	coolingUntil: undefined,
	setbacks: 0,
	quarantined: new Set(),
};

/** Oldest first; of the same moment, by name. */
export function byAge(left: Migration, right: Migration): number {
	return left.createdAt - right.createdAt || (left.name < right.name ? -1 : 1);
}

/** Rejected ones moved nothing. */
function hasMoved({ status }: Migration): boolean {
	return status.phase !== "Rejected" && status.startedAt !== undefined && status.completedAt !== undefined;
}

function isSetback({ status }: Migration): boolean {
	return status.phase === "Reverted" || status.phase === "Failed";
}

/** The API server says when it was made; when it ended, whoever has written the status, and that may be impossible. */
function completedAt({ status, createdAt }: Migration, now: number): number {
	const { completedAt } = status;
	return completedAt === undefined || isFromFuture(completedAt, now) ? createdAt : completedAt;
}

/** Reads the migrations of one workload (those of others are left out) at time `now` (ms). */
export function standingOf(
	workload: WorkloadKey,
	migrations: Iterable<Migration>,
	{ rebalance }: Pick<Policy, "rebalance">,
	now: number,
): Standing {
	const own = [...migrations].filter((migration) => migration.workload === workload).sort(byAge);
	if (own.length === 0) return NO_HISTORY;
	const moved = own
		.filter(hasMoved)
		.sort((left, right) => completedAt(left, now) - completedAt(right, now) || byAge(left, right));
	const newest = moved.at(-1);
	// What somebody stopped tells nothing of how it would have gone.
	const judged = moved.filter((migration) => !isCancelled(migration));
	const setbacks = judged.length - 1 - judged.findLastIndex((migration) => !isSetback(migration));
	const cooldown = rebalance.cooldownSeconds * 1000 * 2 ** Math.min(setbacks, MAX_DOUBLINGS);
	return {
		inFlight: own.find((migration) => !isFinished(migration)),
		coolingUntil: newest && completedAt(newest, now) + cooldown,
		setbacks,
		quarantined: quarantined(judged, rebalance.cooldownSeconds * 1000, now),
	};
}

function quarantined(moved: readonly Migration[], cooldown: number, now: number): ReadonlySet<string> {
	const until = new Map<string, { readonly time: number; readonly times: number }>();
	for (const migration of moved) {
		const { phase, reason, to } = migration.status;
		const wrong = phase === "Reverted" || (phase === "Failed" && PLACE_FAILURES.has(reason ?? ""));
		if (!wrong || to === undefined) continue;
		const times = (until.get(to)?.times ?? 0) + 1;
		const length = QUARANTINE_COOLDOWNS * cooldown * 2 ** Math.min(times - 1, MAX_DOUBLINGS);
		until.set(to, { time: completedAt(migration, now) + Math.max(length, MIN_QUARANTINE_MS), times });
	}
	return new Set([...until].filter(([, { time }]) => time > now).map(([domain]) => domain));
}

/** All migrations by workload: read once for a cycle over many workloads. */
export function migrationsByWorkload(migrations: Iterable<Migration>): ReadonlyMap<WorkloadKey, readonly Migration[]> {
	return Map.groupBy(migrations, (migration) => migration.workload);
}

/**
 * Deletes what is beyond the last 10 finished migrations of each workload. A flood of rejected ones may
 * take half of them only: the others carry cooldown and quarantine.
 */
export function superfluous(migrations: Iterable<Migration>, now: number): Command[] {
	const finished = [...migrations].filter(isFinished);
	return [...migrationsByWorkload(finished).values()].flatMap((own) => {
		const newestFirst = own.toSorted(
			(left, right) => completedAt(right, now) - completedAt(left, now) || byAge(right, left),
		);
		const moved = newestFirst.filter(hasMoved);
		const others = newestFirst.filter((migration) => !hasMoved(migration));
		const keptMoved = Math.min(moved.length, Math.max(KEPT - others.length, KEPT / 2));
		return [...moved.slice(keptMoved), ...others.slice(KEPT - keptMoved)].map(
			(migration): Command => ({ kind: "DeleteMigration", migration }),
		);
	});
}
