import { selects } from "../cluster/selectors.ts";
import { type Check, labelOf } from "./check.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

/** The policy's own limits: its candidate selector, its topology key, and what is in quarantine. */
export function candidatesCheck(_pod: PodToPlace, context: FeasibilityContext): Check {
	const { candidates, topologyKey, quarantined } = context;
	return (node) => {
		if (!selects(candidates, node.labels)) {
			return infeasible("NotACandidate", "node(s) didn't match the policy's candidates");
		}
		const domain = labelOf(node, topologyKey);
		if (domain === undefined) return infeasible("NotACandidate", `node(s) had no label ${topologyKey}`);
		if (quarantined?.has(domain)) {
			return infeasible("Quarantined", `node(s) were in quarantine for this workload after a move to ${domain} failed`);
		}
		return FEASIBLE;
	};
}
