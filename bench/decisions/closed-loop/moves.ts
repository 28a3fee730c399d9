import { DEFAULT_CAPS } from "../../../src/core/migration/caps.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import { TIMES } from "./manifests.ts";

/** Times of the API server are whole seconds. */
const CLOCK_MS = 1000;

/** What the QoSMigrations of a run say. */
export interface MoveFigures {
	/** That were rolled out. */
	readonly moves: number;
	readonly mostPerApp: number;
	readonly reverted: number;
	readonly failed: number;
	readonly rejected: number;
	/** Apps that began a move sooner than a cooldown after the end of their last. */
	readonly movedTwice: readonly string[];
	/** Most moves at once to one node, and away from one. */
	readonly mostTo: number;
	readonly mostFrom: number;
	/** Most arrivals on one node within one interval of Rebalance. */
	readonly mostArrivals: number;
}

export const CAPS = DEFAULT_CAPS;

export function moveFigures(migrations: Iterable<Migration>): MoveFigures {
	const all = [...migrations];
	const begun = all
		.filter(({ status }) => status.startedAt !== undefined && status.phase !== "Rejected")
		.toSorted((left, right) => startOf(left) - startOf(right));
	const byApp = Map.groupBy(begun, ({ workload }) => workload);
	const count = (phase: string): number => all.filter(({ status }) => status.phase === phase).length;
	return {
		moves: begun.length,
		mostPerApp: Math.max(0, ...[...byApp.values()].map((own) => own.length)),
		reverted: count("Reverted"),
		failed: count("Failed"),
		rejected: count("Rejected"),
		movedTwice: [...byApp].flatMap(([app, own]) => (own.some(isTooSoon) ? [app] : [])),
		mostTo: mostAtOnce(begun, ({ status, to }) => status.to ?? to),
		mostFrom: mostAtOnce(begun, ({ status }) => status.from),
		mostArrivals: mostArrivals(begun),
	};
}

function startOf({ status, createdAt }: Migration): number {
	return status.startedAt ?? createdAt;
}

function endOf({ status }: Migration): number {
	return status.completedAt ?? Number.POSITIVE_INFINITY;
}

/** From here on it is under way no more. */
function arrivalOf(migration: Migration): number {
	return migration.status.rolledOutAt ?? endOf(migration);
}

function isTooSoon(migration: Migration, index: number, own: readonly Migration[]): boolean {
	const before = own[index - 1];
	return before !== undefined && startOf(migration) - endOf(before) < TIMES.cooldown * 1000 - CLOCK_MS;
}

function mostAtOnce(migrations: readonly Migration[], nodeOf: (migration: Migration) => string | undefined): number {
	let most = 0;
	for (const migration of migrations) {
		const node = nodeOf(migration);
		const start = migration.createdAt;
		const others = migrations.filter(
			(other) => nodeOf(other) === node && other.createdAt <= start && arrivalOf(other) > start + CLOCK_MS,
		);
		most = Math.max(most, others.length);
	}
	return most;
}

function mostArrivals(migrations: readonly Migration[]): number {
	let most = 0;
	for (const { createdAt, status } of migrations) {
		const until = createdAt + TIMES.rebalance * 1000;
		const arrivals = migrations.filter(
			(other) => other.status.to === status.to && other.createdAt >= createdAt && other.createdAt < until,
		);
		most = Math.max(most, arrivals.length);
	}
	return most;
}
