import type { ClusterState } from "../core/cluster/state.ts";
import type { WorkloadKey } from "../core/cluster/workload.ts";
import type { MetricReader } from "../core/metrics/metric.ts";
import type { Model, ModelRegistry, ModelResolution } from "../core/model/model.ts";
import { requiredMetrics } from "../core/model/required-metrics.ts";
import type { PolicyCondition } from "../core/policy/condition.ts";
import { governing } from "../core/policy/governing.ts";
import type { Policy } from "../core/policy/policy.ts";
import { unitDoubt } from "../core/policy/unit-doubt.ts";

export interface PolicyConditions {
	readonly policy: Policy;
	readonly conditions: readonly PolicyCondition[];
}

/** What conditions are read from; `now` is in ms since the epoch. */
export interface ConditionInputs {
	readonly cluster: ClusterState;
	readonly models: ModelRegistry;
	readonly metrics: Pick<MetricReader, "definition" | "failure" | "latest">;
	readonly now: number;
}

/** Conditions of every policy, from memory alone. */
export function policyConditions(inputs: ConditionInputs): PolicyConditions[] {
	const { cluster } = inputs;
	const governed = new Map<Policy, WorkloadKey[]>();
	const losing = new Map<Policy, string[]>();
	for (const workload of cluster.workloads.values()) {
		const governance = governing(workload, cluster.policies.values());
		if (!governance) continue;
		const own = governed.get(governance.policy) ?? [];
		own.push(workload.key);
		governed.set(governance.policy, own);
		for (const policy of governance.conflicting) {
			losing.set(policy, [...(losing.get(policy) ?? []), `${workload.name} (governed by ${governance.policy.name})`]);
		}
	}
	return [...cluster.policies.values()].map((policy) => {
		const resolution = inputs.models.resolve(policy.model, policy.objective);
		const own = governed.get(policy) ?? [];
		const available = metricsAvailable(policy, resolution, { ...inputs, governed: own });
		const inForce = ready(resolution, available, { governed: own, now: inputs.now });
		return { policy, conditions: [inForce, available, conflict(losing.get(policy) ?? [])] };
	});
}

function metricsAvailable(
	policy: Policy,
	resolution: ModelResolution,
	{ metrics, governed, now }: ConditionInputs & { readonly governed: readonly WorkloadKey[] },
): PolicyCondition {
	const type = "MetricsAvailable";
	const { objective } = policy;
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
	const doubt = unitDoubt(policy, governed, { metrics, now });
	if (doubt !== undefined) return { type, status: "True", reason: "UnitDoubtful", message: doubt };
	return { type, status: "True", reason: "Collected", message: "Prometheus answers the queries that it needs" };
}

function ready(
	resolution: ModelResolution,
	available: PolicyCondition,
	{ governed, now }: { readonly governed: readonly WorkloadKey[]; readonly now: number },
): PolicyCondition {
	if (resolution.refused) {
		const message = `${resolution.message}; its workloads are only observed`;
		return { type: "Ready", status: "False", reason: `Model${resolution.reason}`, message };
	}
	if (available.status === "False") {
		const message = `${available.message}; its workloads stay where they are until then`;
		return { type: "Ready", status: "False", reason: available.reason, message };
	}
	const { name, version } = resolution.model.reference;
	const count = governed.length;
	const many = count === 0 ? "no Deployment" : `${count} Deployment${count === 1 ? "" : "s"}`;
	const message = `governs ${many} with model ${name} ${version}`;
	if (resolution.kept) {
		const whole = `${message}, which stays in service: ${resolution.kept.message}`;
		return { type: "Ready", status: "True", reason: "ModelKept", message: whole };
	}
	if (count === 0) {
		return { type: "Ready", status: "True", reason: "NothingSelected", message: "governs no Deployment" };
	}
	const missing = predictionsMissing(resolution.model, governed, now);
	if (missing) return missing;
	return { type: "Ready", status: "True", reason: "InForce", message };
}

/** Where predictions are made elsewhere: whether there are some for every Deployment. */
function predictionsMissing({ recorded }: Model, governed: readonly WorkloadKey[], now: number) {
	const answers = recorded ? governed.map((workload) => recorded.latest(workload, now)) : [];
	const unknown = answers.flatMap((answer) => (answer.known ? [] : [answer.message]));
	const [first] = unknown;
	if (first === undefined) return undefined;
	const message = `${first}; ${unknown.length} of ${governed.length} Deployments stay where they are until then`;
	return { type: "Ready", status: "False", reason: "PredictionsMissing", message } as const;
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
