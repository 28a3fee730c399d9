import type { Node, Taint } from "../cluster/node.ts";
import type { Toleration } from "../cluster/pod.ts";
import { exceeds } from "../cluster/selectors.ts";
import type { Check } from "./check.ts";
import type { PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

function tolerates(toleration: Toleration, taint: Taint): boolean {
	if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
	// No key with the operator Exists tolerates every taint.
	const anyKey = toleration.key === undefined || toleration.key === "";
	if (anyKey ? toleration.operator !== "Exists" : toleration.key !== taint.key) return false;
	switch (toleration.operator) {
		case "Exists":
			return true;
		case "Equal":
			return toleration.value === taint.value;
		case "Lt":
			return exceeds(toleration.value, taint.value);
		case "Gt":
			return exceeds(taint.value, toleration.value);
	}
}

/** The first taint that keeps a pod with these tolerations away; PreferNoSchedule keeps nobody away. */
export function untoleratedTaint(node: Node, tolerations: readonly Toleration[]): Taint | undefined {
	return node.taints.find(
		(taint) => taint.effect !== "PreferNoSchedule" && !tolerations.some((toleration) => tolerates(toleration, taint)),
	);
}

/** Taints with the effects NoSchedule and NoExecute. */
export function taintsCheck(pod: PodToPlace): Check {
	const { tolerations } = pod.scheduling;
	return (node) => {
		if (node.taints.length === 0) return FEASIBLE;
		const taint = untoleratedTaint(node, tolerations);
		if (!taint) return FEASIBLE;
		return infeasible("TaintNotTolerated", `node(s) had untolerated taint(s) {${taint.key}: ${taint.value}}`);
	};
}
