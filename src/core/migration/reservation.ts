import type { Resources } from "../cluster/resources.ts";
import type { WorkloadKey } from "../cluster/workload.ts";

const MOVE = "move/";

/** Id in the ledger of a workload's move: there is one at most, from its plan to its end. */
export function moveReservationId(workload: WorkloadKey): string {
	return MOVE + workload;
}

export function isMoveReservation(id: string): boolean {
	return id.startsWith(MOVE);
}

/** What a pod with these requests takes of a node: they and one of the `pods` that it may hold. */
export function podRequests(requests: Resources): Resources {
	return { ...requests, pods: 1 };
}
