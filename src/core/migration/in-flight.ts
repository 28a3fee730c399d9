import type { ClusterState } from "../cluster/state.ts";
import type { Ledger } from "../features/ledger.ts";
import { governing } from "../policy/governing.ts";
import { isFinished, type Migration } from "./migration.ts";
import { isMoveReservation, moveReservationId, podRequests } from "./reservation.ts";

export interface InFlightInputs {
	readonly cluster: ClusterState;
	readonly ledger: Ledger;
	readonly stepSeconds: number;
	/** ms since the epoch. */
	readonly now: number;
}

/** A planned move that has no migration after so long was never begun. */
const BEGUN_WITHIN_MS = 30_000;
/** Steps after a rollout until measurements show the load. */
const SHOWN_AFTER_STEPS = 2;

/**
 * Makes the ledger's moves those that are under way: after a restart it is empty, and what measurements
 * show, or what never began, must not count twice.
 */
export function reconcileReservations({ cluster, ledger, stepSeconds, now }: InFlightInputs): void {
	const underWay = new Map<string, Migration>();
	const shown = new Set<string>();
	for (const migration of cluster.migrations.values()) {
		if (isFinished(migration)) continue;
		const { rolledOutAt } = migration.status;
		const isShown = rolledOutAt !== undefined && now - rolledOutAt > SHOWN_AFTER_STEPS * stepSeconds * 1000;
		const id = moveReservationId(migration.workload);
		if (isShown) shown.add(id);
		else underWay.set(id, migration);
	}
	for (const { id, createdAt } of ledger.reservations()) {
		if (!isMoveReservation(id)) continue;
		if (underWay.delete(id)) continue;
		if (shown.has(id) || Math.abs(now - createdAt) > BEGUN_WITHIN_MS) ledger.release(id);
	}
	for (const [id, migration] of underWay) reserve(id, migration, { cluster, ledger, now });
}

/** A move whose plan this process does not know: its CPU is taken to be what it requests. */
function reserve(
	id: string,
	{ workload: key, status, to }: Migration,
	{ cluster, ledger, now }: Pick<InFlightInputs, "cluster" | "ledger" | "now">,
): void {
	const workload = cluster.workloads.get(key);
	const policy = workload && governing(workload, cluster.policies.values())?.policy;
	const domain = status.to ?? to;
	if (!policy || domain === undefined) return;
	const node = [...cluster.nodes.values()].find(({ labels }) => labels[policy.placement.topologyKey] === domain);
	if (!node) return;
	const requests = podRequests(workload.template.scheduling.requests);
	ledger.reserve({ id, workload: key, node: node.name, requests, cpuCores: requests["cpu"] ?? 0, createdAt: now });
}
