import type { Check } from "./check.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/**
 * Ready and not cordoned. Stricter than the scheduler, which lets a pod onto such a node when it
 * tolerates the taint that mirrors the condition: nothing is ever moved onto a node on its way out.
 */
export function nodeConditionCheck(): Check {
	return (node) => {
		if (node.unschedulable) return infeasible("NodeUnschedulable", "node(s) were unschedulable");
		if (!node.ready) return infeasible("NodeNotReady", "node(s) were not ready");
		return FEASIBLE;
	};
}
