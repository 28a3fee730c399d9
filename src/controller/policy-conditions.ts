import type { ClusterState } from "../core/cluster/state.ts";
import type { ModelRegistry } from "../core/model/model.ts";
import { governing } from "../core/policy/governing.ts";
import type { Policy } from "../core/policy/policy.ts";

/** `Ready`: the policy is in force. `Conflict`: an older policy governs some of what it selects. */
export interface PolicyCondition {
	readonly type: "Ready" | "Conflict";
	readonly status: "True" | "False" | "Unknown";
	readonly reason: string;
	readonly message: string;
}

export interface PolicyConditions {
	readonly policy: Policy;
	readonly conditions: readonly PolicyCondition[];
}

/** Conditions of every policy, from what the caches and the model registry hold. */
export function policyConditions(cluster: ClusterState, models: ModelRegistry): PolicyConditions[] {
	const governed = new Map<Policy, number>();
	const losing = new Map<Policy, string[]>();
	for (const workload of cluster.workloads.values()) {
		const governance = governing(workload, cluster.policies.values());
		if (!governance) continue;
		governed.set(governance.policy, (governed.get(governance.policy) ?? 0) + 1);
		for (const policy of governance.conflicting) {
			losing.set(policy, [...(losing.get(policy) ?? []), `${workload.name} (governed by ${governance.policy.name})`]);
		}
	}
	return [...cluster.policies.values()].map((policy) => ({
		policy,
		conditions: [ready(policy, models, governed.get(policy) ?? 0), conflict(losing.get(policy) ?? [])],
	}));
}

function ready(policy: Policy, models: ModelRegistry, governed: number): PolicyCondition {
	const resolution = models.resolve(policy.model, policy.objective);
	if (resolution.refused) {
		const message = `${resolution.message}; its workloads are only observed`;
		return { type: "Ready", status: "False", reason: `Model${resolution.reason}`, message };
	}
	const { name, version } = resolution.model.reference;
	if (governed === 0) {
		return { type: "Ready", status: "True", reason: "NothingSelected", message: "governs no Deployment" };
	}
	const message = `governs ${governed} Deployment${governed === 1 ? "" : "s"} with model ${name} ${version}`;
	return { type: "Ready", status: "True", reason: "InForce", message };
}

/** How many Deployments a message names. */
const NAMED = 5;

function conflict(losing: readonly string[]): PolicyCondition {
	if (losing.length === 0) {
		return { type: "Conflict", status: "False", reason: "NoConflict", message: "no older policy selects the same" };
	}
	const more = losing.length > NAMED ? ` and ${losing.length - NAMED} more` : "";
	const message = `an older policy governs ${losing.slice(0, NAMED).join(", ")}${more}`;
	return { type: "Conflict", status: "True", reason: "OlderPolicyGoverns", message };
}
