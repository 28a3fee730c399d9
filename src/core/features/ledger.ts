import type { Resources } from "../cluster/resources.ts";
import type { WorkloadKey } from "../cluster/workload.ts";

/** Load that is on its way to a node and that no measurement shows yet. */
export interface Reservation {
	/** The pod's uid, or the migration's uid. */
	readonly id: string;
	readonly workload: WorkloadKey;
	readonly node: string;
	readonly requests: Resources;
	/** CPU it will use there, in cores of that node. */
	readonly cpuCores: number;
	readonly createdAt: number;
}

/**
 * Moves in flight and pods just admitted. A reservation stands until measurements show the load:
 * its owner releases it, or it expires.
 */
export class Ledger {
	private readonly byId = new Map<string, Reservation>();
	private readonly byNode = new Map<string, Map<string, Reservation>>();
	private readonly cores = new Map<string, number>();
	private readonly revisions = new Map<string, number>();
	private changes = 0;

	/** Puts a reservation in, replacing an earlier one of the same id. */
	reserve(reservation: Reservation): void {
		this.release(reservation.id);
		this.byId.set(reservation.id, reservation);
		const onNode = this.byNode.get(reservation.node) ?? new Map<string, Reservation>();
		this.byNode.set(reservation.node, onNode.set(reservation.id, reservation));
		this.touch(reservation.node);
	}

	release(id: string): void {
		const reservation = this.byId.get(id);
		if (!reservation) return;
		this.byId.delete(id);
		this.byNode.get(reservation.node)?.delete(id);
		this.touch(reservation.node);
	}

	/**
	 * Puts a reservation under another id, replacing an earlier one of that id, and on another node where that
	 * turned out so; on the same node the load stays what it was, and so does the node's revision.
	 */
	transfer(id: string, to: Pick<Reservation, "id" | "node">): void {
		const reservation = this.byId.get(id);
		if (!reservation) return;
		if (to.id !== id) this.release(to.id);
		if (reservation.node !== to.node) {
			this.release(id);
			this.reserve({ ...reservation, ...to });
			return;
		}
		const renamed = { ...reservation, id: to.id };
		this.changes += 1;
		this.byId.delete(id);
		this.byId.set(to.id, renamed);
		this.byNode.get(to.node)?.delete(id);
		this.byNode.get(to.node)?.set(to.id, renamed);
	}

	/** Drops what `isSettled` says measurements show by now, and what was made before `oldest` (ms). */
	prune(oldest: number, isSettled: (reservation: Reservation) => boolean): void {
		for (const reservation of this.byId.values()) {
			if (reservation.createdAt < oldest || isSettled(reservation)) this.release(reservation.id);
		}
	}

	/** CPU on its way to the node, in its cores. */
	cpuCores(node: string): number {
		return this.cores.get(node) ?? 0;
	}

	get(id: string): Reservation | undefined {
		return this.byId.get(id);
	}

	reservationsOn(node: string): Iterable<Reservation> {
		return this.byNode.get(node)?.values() ?? [];
	}

	reservations(): IterableIterator<Reservation> {
		return this.byId.values();
	}

	/** Changes whenever the load on its way to the node changes; 0 when there never was any. */
	revision(node: string): number {
		return this.revisions.get(node) ?? 0;
	}

	/** Changes with every change of any reservation, be it of its id alone. */
	get version(): number {
		return this.changes;
	}

	private touch(node: string): void {
		this.changes += 1;
		this.revisions.set(node, this.revision(node) + 1);
		let cores = 0;
		for (const { cpuCores } of this.reservationsOn(node)) cores += cpuCores;
		this.cores.set(node, cores);
	}
}
