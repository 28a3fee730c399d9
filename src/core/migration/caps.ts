import type { ClusterState } from "../cluster/state.ts";
import { isFinished } from "./migration.ts";

/** How much one cycle may move. */
export interface Caps {
	/** Moves begun by one cycle. */
	readonly perCycle: number;
	/** Of these, in one namespace. */
	readonly perNamespace: number;
	/** Moves under way from one domain, those of earlier cycles included. */
	readonly perSource: number;
	/** Moves under way to one domain, those of earlier cycles included. */
	readonly perDestination: number;
}

export const DEFAULT_CAPS: Caps = { perCycle: 10, perNamespace: 5, perSource: 2, perDestination: 1 };

/** One move as caps count it. */
export interface CountedMove {
	readonly namespace: string;
	readonly from: string | undefined;
	readonly to: string;
}

/** Counts moves against caps. */
export class CapCounter {
	private readonly caps: Caps;
	private moves = 0;
	private readonly byNamespace = new Map<string, number>();
	private readonly bySource = new Map<string, number>();
	private readonly byDestination = new Map<string, number>();

	/** Begins with the migrations that are under way. */
	constructor(caps: Caps, migrations: ClusterState["migrations"]) {
		this.caps = caps;
		for (const migration of migrations.values()) {
			if (isFinished(migration)) continue;
			const { from, to } = migration.status;
			this.countEnds(from, to ?? migration.to);
		}
	}

	/** The cap that one more move would exceed, as a sentence; `undefined` when there is room. */
	exceeded({ namespace, from, to }: CountedMove): string | undefined {
		const { perCycle, perNamespace, perSource, perDestination } = this.caps;
		if (this.moves >= perCycle) return `this cycle has its ${perCycle} moves`;
		if (count(this.byNamespace, namespace) >= perNamespace) {
			return `namespace ${namespace} has its ${perNamespace} moves of this cycle`;
		}
		if (from !== undefined && count(this.bySource, from) >= perSource) {
			return `${perSource} moves away from ${from} are under way`;
		}
		if (count(this.byDestination, to) < perDestination) return undefined;
		return `${perDestination} moves to ${to} are under way`;
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
