import type { Node } from "../cluster/node.ts";
import type { Resources } from "../cluster/resources.ts";
import type { Reservation } from "../features/ledger.ts";
import { moveReservationId } from "../migration/reservation.ts";
import { type Check, lazy } from "./check.ts";
import { usageReader } from "./node-usage.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/** Sums of decimal fractions must not fail a pod that fits exactly; far below a millicore or a byte. */
const ROUNDING = 1e-6;

/**
 * Reservations that must not count against this pod, by node: its own, and those of pods that are bound
 * by now and so hold their requests already.
 */
function uncounted(pod: PodToPlace, { cluster, ledger }: FeasibilityContext): Map<string, Reservation[]> {
	const own = pod.workload && moveReservationId(pod.workload);
	const byNode = new Map<string, Reservation[]>();
	for (const reservation of ledger.reservations()) {
		const bound = cluster.pods.get(reservation.id)?.nodeName !== undefined;
		if (reservation.id !== own && !bound) continue;
		const onNode = byNode.get(reservation.node) ?? [];
		byNode.set(reservation.node, onNode);
		onNode.push(reservation);
	}
	return byNode;
}

function total(reservations: readonly Reservation[] | undefined, name: string): number {
	return (reservations ?? []).reduce((sum, { requests }) => sum + (requests[name] ?? 0), 0);
}

/** Requests, and the number of pods, against allocatable minus what is there and what is on its way. */
export function resourcesCheck(pod: PodToPlace, context: FeasibilityContext): Check {
	const { cluster, ledger } = context;
	const wanted = Object.entries(pod.scheduling.requests).filter(([name, amount]) => name !== "pods" && amount > 0);
	const usageOf = usageReader(pod, cluster);
	const exempt = lazy(() => uncounted(pod, context));

	function inFlight(node: Node, reserved: Resources, name: string): number {
		const amount = reserved[name] ?? 0;
		return amount === 0 ? 0 : amount - total(exempt().get(node.name), name);
	}

	return (node) => {
		const usage = usageOf(node.name);
		const reserved = ledger.on(node.name).requests;
		const lacking: string[] = [];
		const pods = usage.pods.length + inFlight(node, reserved, "pods");
		if (pods + 1 > (node.allocatable["pods"] ?? 0)) lacking.push("Too many pods");
		for (const [name, amount] of wanted) {
			const taken = (usage.requested.get(name) ?? 0) + inFlight(node, reserved, name);
			if (amount + taken > (node.allocatable[name] ?? 0) + ROUNDING) lacking.push(`Insufficient ${name}`);
		}
		return lacking.length === 0 ? FEASIBLE : infeasible("InsufficientResources", lacking.join(", "));
	};
}
