import type { ClusterState } from "../core/cluster/state.ts";
import type { MetricReader } from "../core/metrics/metric.ts";
import type { ModelRegistry, ModelResolution } from "../core/model/model.ts";
import { requiredMetrics } from "../core/model/required-metrics.ts";
import { governing } from "../core/policy/governing.ts";
import type { Policy } from "../core/policy/policy.ts";

/**
 * `Ready`: the policy is in force. `MetricsAvailable`: what its objective and model need can be asked for.
 * `Conflict`: an older policy governs some of what it selects.
 */
export interface PolicyCondition {
	readonly type: "Ready" | "MetricsAvailable" | "Conflict";
	readonly status: "True" | "False" | "Unknown";
	readonly reason: string;
	readonly message: string;
}

export interface PolicyConditions {
	readonly policy: Policy;
	readonly conditions: readonly PolicyCondition[];
}

/** What conditions are read from; `now` is in ms since the epoch. */
export interface ConditionInputs {
	readonly cluster: ClusterState;
	readonly models: ModelRegistry;
	readonly metrics: Pick<MetricReader, "definition" | "failure">;
	readonly now: number;
}

/** Conditions of every policy, from memory alone. */
export function policyConditions(inputs: ConditionInputs): PolicyConditions[] {
	const { cluster } = inputs;
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
	return [...cluster.policies.values()].map((policy) => {
		const resolution = inputs.models.resolve(policy.model, policy.objective);
		const available = metricsAvailable(policy, resolution, inputs);
		const inForce = ready(resolution, available, governed.get(policy) ?? 0);
		return { policy, conditions: [inForce, available, conflict(losing.get(policy) ?? [])] };
	});
}

function metricsAvailable(
	{ objective }: Policy,
	resolution: ModelResolution,
	{ metrics, now }: ConditionInputs,
): PolicyCondition {
	const type = "MetricsAvailable";
	if (!metrics.definition(objective.metric)) {
		const message = `${objective.metric} is not in the metric catalogue; add it under metrics.catalogue in the configuration`;
		return { type, status: "False", reason: "NotInCatalogue", message };
	}
	const features = resolution.refused ? [] : resolution.model.metadata.features;
	for (const metric of requiredMetrics({ features }, objective)) {
		const failure = metrics.failure(metric, now);
		if (!failure) continue;
		const reason = failure.concerns === "Query" ? "QueryFailed" : "PrometheusUnavailable";
		return { type, status: "False", reason, message: failure.message };
	}
	return { type, status: "True", reason: "Collected", message: "Prometheus answers the queries that it needs" };
}

function ready(resolution: ModelResolution, available: PolicyCondition, governed: number): PolicyCondition {
	if (resolution.refused) {
		const message = `${resolution.message}; its workloads are only observed`;
		return { type: "Ready", status: "False", reason: `Model${resolution.reason}`, message };
	}
	if (available.status === "False") {
		const message = `${available.message}; its workloads stay where they are until then`;
		return { type: "Ready", status: "False", reason: available.reason, message };
	}
	const { name, version } = resolution.model.reference;
	const many = governed === 0 ? "no Deployment" : `${governed} Deployment${governed === 1 ? "" : "s"}`;
	const message = `governs ${many} with model ${name} ${version}`;
	if (resolution.kept) {
		const whole = `${message}, which stays in service: ${resolution.kept.message}`;
		return { type: "Ready", status: "True", reason: "ModelKept", message: whole };
	}
	if (governed === 0) {
		return { type: "Ready", status: "True", reason: "NothingSelected", message: "governs no Deployment" };
	}
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
