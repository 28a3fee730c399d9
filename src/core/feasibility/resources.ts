import type { Resources } from "../cluster/resources.ts";
import type { Reservation } from "../features/ledger.ts";
import { moveReservationId } from "../migration/reservation.ts";
import type { Check } from "./check.ts";
import { usageReader } from "./node-usage.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible, type Verdict } from "./verdict.ts";

/** Sums of decimal fractions must not fail a pod that fits exactly; far below a millicore or a byte. */
export const ROUNDING = 1e-6;

export function totalOf(reservations: readonly Reservation[], name: string): number {
	return reservations.reduce((sum, { requests }) => sum + (requests[name] ?? 0), 0);
}

/** On their way to a node, without those of pods that are bound by now and so hold their requests already. */
export function comingTo(node: string, { cluster, ledger }: FeasibilityContext): readonly Reservation[] {
	return [...ledger.reservationsOn(node)].filter(({ id }) => cluster.pods.get(id)?.nodeName === undefined);
}

/** Amounts that a pod must find free; of `pods` it takes one whatever it asks for. */
export function wantedOf(requests: Resources): readonly (readonly [name: string, amount: number])[] {
	return Object.entries(requests).filter(([name, amount]) => name !== "pods" && amount > 0);
}

/** @param names resources of which there is not enough */
export function lacking(names: readonly string[]): Verdict {
	const reasons = names.map((name) => (name === "pods" ? "Too many pods" : `Insufficient ${name}`));
	return infeasible("InsufficientResources", reasons.join(", "));
}

/** Requests, and the number of pods, against allocatable minus what is there and what is on its way. */
export function resourcesCheck(pod: PodToPlace, context: FeasibilityContext): Check {
	const wanted = wantedOf(pod.scheduling.requests);
	const usageOf = usageReader(pod, context.cluster);
	const own = pod.workload && moveReservationId(pod.workload);
	return (node) => {
		const usage = usageOf(node.name);
		const coming = comingTo(node.name, context).filter(({ id }) => id !== own);
		const names: string[] = [];
		const pods = usage.pods.length + totalOf(coming, "pods");
		if (pods + 1 > (node.allocatable["pods"] ?? 0)) names.push("pods");
		for (const [name, amount] of wanted) {
			const taken = (usage.requested.get(name) ?? 0) + totalOf(coming, name);
			if (amount + taken > (node.allocatable[name] ?? 0) + ROUNDING) names.push(name);
		}
		return names.length === 0 ? FEASIBLE : lacking(names);
	};
}
