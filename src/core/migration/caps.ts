import type { ClusterState } from "../cluster/state.ts";
import { isFinished } from "./migration.ts";

/** How much one cycle may move. */
export interface Caps {
	/** Moves begun by one cycle. */
	readonly perCycle: number;
	/** Of these, in one namespace. */
	readonly perNamespace: number;
	/** Moves under way from one domain, those of earlier cycles included: until they are rolled out. */
	readonly perSource: number;
	/** Moves under way to one domain, those of earlier cycles included: until they are rolled out. */
	readonly perDestination: number;
}

/**
 * Few at a time arrive on a node, since each changes what the next would find there: its load is planned with, its effect
 * only guessed. More may leave one, since what gathers on a node in trouble would otherwise wait longer than the trouble
 * lasts.
 */
export const DEFAULT_CAPS: Caps = { perCycle: 10, perNamespace: 5, perSource: 5, perDestination: 2 };

/** One move as caps count it. */
export interface CountedMove {
	readonly namespace: string;
	readonly from: string | undefined;
	readonly to: string;
}

export interface ExceededCap {
	/** Another destination would do. */
	readonly byDestination: boolean;
	/** One sentence. */
	readonly message: string;
}

/** Counts moves against caps. */
export class CapCounter {
	private readonly caps: Caps;
	private moves = 0;
	private readonly byNamespace = new Map<string, number>();
	private readonly bySource = new Map<string, number>();
	private readonly byDestination = new Map<string, number>();

	/** Begins with the migrations that are under way: what is rolled out has left and arrived. */
	constructor(caps: Caps, migrations: ClusterState["migrations"]) {
		this.caps = caps;
		for (const migration of migrations.values()) {
			if (isFinished(migration) || migration.status.phase === "Verifying") continue;
			const { from, to } = migration.status;
			this.countEnds(from, to ?? migration.to);
		}
	}

	/** The cap that one more move would exceed; `undefined` when there is room. */
	exceeded(move: CountedMove): ExceededCap | undefined {
		const message = this.exceededAnywhere(move);
		if (message !== undefined) return { byDestination: false, message };
		const { perDestination } = this.caps;
		if (count(this.byDestination, move.to) < perDestination) return undefined;
		return { byDestination: perDestination > 0, message: `${perDestination} moves to ${move.to} are under way` };
	}

	/** Domains to which no more may move now. */
	fullDestinations(): ReadonlySet<string> {
		const full = [...this.byDestination].filter(([, moves]) => moves >= this.caps.perDestination);
		return new Set(full.map(([domain]) => domain));
	}

	/** A cap that holds wherever it would move, as a sentence. */
	private exceededAnywhere({ namespace, from }: CountedMove): string | undefined {
		const { perCycle, perNamespace, perSource } = this.caps;
		if (this.moves >= perCycle) return `this cycle has its ${perCycle} moves`;
		if (count(this.byNamespace, namespace) >= perNamespace) {
			return `namespace ${namespace} has its ${perNamespace} moves of this cycle`;
		}
		if (from === undefined || count(this.bySource, from) < perSource) return undefined;
		return `${perSource} moves away from ${from} are under way`;
	}

	add({ namespace, from, to }: CountedMove): void {
		this.moves += 1;
		increment(this.byNamespace, namespace);
		this.countEnds(from, to);
	}

	private countEnds(from: string | undefined, to: string | undefined): void {
		if (from !== undefined) increment(this.bySource, from);
		if (to !== undefined) increment(this.byDestination, to);
	}
}

function count(counts: ReadonlyMap<string, number>, key: string): number {
	return counts.get(key) ?? 0;
}

function increment(counts: Map<string, number>, key: string): void {
	counts.set(key, count(counts, key) + 1);
}
