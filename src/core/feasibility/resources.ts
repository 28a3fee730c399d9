import type { Node } from "../cluster/node.ts";
import type { Reservation } from "../features/ledger.ts";
import { moveReservationId } from "../migration/reservation.ts";
import type { Check } from "./check.ts";
import { usageReader } from "./node-usage.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/** Sums of decimal fractions must not fail a pod that fits exactly; far below a millicore or a byte. */
const ROUNDING = 1e-6;

function total(reservations: readonly Reservation[], name: string): number {
	return reservations.reduce((sum, { requests }) => sum + (requests[name] ?? 0), 0);
}

/** Requests, and the number of pods, against allocatable minus what is there and what is on its way. */
export function resourcesCheck(pod: PodToPlace, context: FeasibilityContext): Check {
	const { cluster, ledger } = context;
	const wanted = Object.entries(pod.scheduling.requests).filter(([name, amount]) => name !== "pods" && amount > 0);
	const usageOf = usageReader(pod, cluster);
	const own = pod.workload && moveReservationId(pod.workload);

	/** Without the pod's own, and without those of pods that are bound by now and so hold their requests already. */
	function comingTo(node: Node): readonly Reservation[] {
		return [...ledger.reservationsOn(node.name)].filter(
			({ id }) => id !== own && cluster.pods.get(id)?.nodeName === undefined,
		);
	}

	return (node) => {
		const usage = usageOf(node.name);
		const coming = comingTo(node);
		const lacking: string[] = [];
		const pods = usage.pods.length + total(coming, "pods");
		if (pods + 1 > (node.allocatable["pods"] ?? 0)) lacking.push("Too many pods");
		for (const [name, amount] of wanted) {
			const taken = (usage.requested.get(name) ?? 0) + total(coming, name);
			if (amount + taken > (node.allocatable[name] ?? 0) + ROUNDING) lacking.push(`Insufficient ${name}`);
		}
		return lacking.length === 0 ? FEASIBLE : infeasible("InsufficientResources", lacking.join(", "));
	};
}
