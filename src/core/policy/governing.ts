import { selects } from "../cluster/selectors.ts";
import type { Workload } from "../cluster/workload.ts";
import type { Policy } from "./policy.ts";

/** Annotation or label that opts a Deployment or a pod out. */
export const SKIP_KEY = "kubectl-qos.dev/skip";

/** The policy that governs a workload, and those that select it in vain. */
export interface Governance {
	readonly policy: Policy;
	readonly conflicting: readonly Policy[];
}

function older(left: Policy, right: Policy): number {
	return left.createdAt - right.createdAt || (left.name < right.name ? -1 : 1);
}

export function isOptedOut(metadata: Pick<Workload, "labels" | "annotations">): boolean {
	return metadata.annotations[SKIP_KEY] === "true" || metadata.labels[SKIP_KEY] === "true";
}

/** The oldest policy of the workload's namespace that selects it; `undefined` when none does. */
export function governing(
	workload: Pick<Workload, "namespace" | "labels" | "annotations">,
	policies: Iterable<Policy>,
): Governance | undefined {
	if (isOptedOut(workload)) return undefined;
	const selecting: Policy[] = [];
	for (const policy of policies) {
		if (policy.namespace === workload.namespace && selects(policy.workloadSelector, workload.labels)) {
			selecting.push(policy);
		}
	}
	const [policy, ...conflicting] = selecting.sort(older);
	return policy && { policy, conflicting };
}
