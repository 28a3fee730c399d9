import type { Node, Taint } from "../cluster/node.ts";
import type { Toleration } from "../cluster/pod.ts";
import type { Check } from "./check.ts";
import type { PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

function tolerates(toleration: Toleration, taint: Taint): boolean {
	if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
	// No key with the operator Exists tolerates every taint.
	const anyKey = toleration.key === undefined || toleration.key === "";
	if (anyKey ? toleration.operator !== "Exists" : toleration.key !== taint.key) return false;
	return toleration.operator === "Exists" || toleration.value === taint.value;
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
		return infeasible("TaintNotTolerated", `node(s) had untolerated taint {${taint.key}: ${taint.value}}`);
	};
}
