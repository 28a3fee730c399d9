import { modelUri } from "../../src/adapters/mlflow/registry/selector.ts";
import type { Description } from "../../src/agent/operations/description.ts";
import type { Governed } from "../../src/agent/ports.ts";
import { resourcePath } from "../../src/api/v1alpha1/group.ts";
import type { Configuration } from "../../src/config/config.ts";
import { mlflowEnvironment } from "../../src/config/environment.ts";
import { mlflowSettings } from "../../src/config/mlflow-settings.ts";
import type { WorkloadKey } from "../../src/core/cluster/workload.ts";
import type { ModelSelector } from "../../src/core/policy/policy.ts";
import { experimentOf } from "../../src/core/tracking/read.ts";
import { version } from "./version.ts";

/** What the agent's API tells of this replica: what is listed here, and never a secret or where one lies. */
export function describeAgent(configuration: Configuration, governed: () => readonly Governed[]): Description {
	const { metrics, prometheus, rebalancing, webhook, agent, namespace } = configuration;
	const { caps } = rebalancing;
	return {
		configuration: () => ({
			version: version(),
			namespace,
			prometheus: { url: withoutCredentials(prometheus.url) },
			mlflow: mlflowUrl(configuration),
			metrics: { step_seconds: metrics.step, window_steps: metrics.window },
			rebalancing: {
				per_cycle: caps.perCycle,
				per_namespace: caps.perNamespace,
				per_source: caps.perSource,
				per_destination: caps.perDestination,
			},
			webhook: { enabled: webhook.enabled },
			sensors: Object.keys(agent.sensors),
		}),
		inputs: () => ({
			metrics: metrics.catalogue.map(({ name, scope, unit, query, min, max }) => ({
				name,
				scope,
				unit,
				query,
				min,
				max,
			})),
			workloads: governed().map(workloadInput),
		}),
		outputs: () => ({ destinations: destinations(configuration) }),
	};
}

function workloadInput({ workload, policy }: Governed) {
	const { metric, direction, target, horizonSeconds, aggregate } = policy.objective;
	return {
		workload,
		policy: policy.name,
		mode: policy.mode,
		trigger: policy.rebalance.trigger,
		objective: { metric, direction, target: target ?? null, horizon_seconds: horizonSeconds, aggregate },
		model: modelName(workload, policy.model),
	};
}

function modelName(workload: WorkloadKey, model: ModelSelector): string {
	switch (model.kind) {
		case "Builtin":
		case "File":
			return `${model.kind.toLowerCase()}:${model.name}`;
		case "Mlflow":
			return `mlflow:${modelUri(model)}`;
		case "Predictions":
			return `predictions:${model.layout} of experiment ${experimentOf(model, workload)}`;
	}
}

function destinations(configuration: Configuration) {
	const { decisionLog, health } = configuration;
	const { layouts } = configuration.mlflow.tracking;
	const mlflow = mlflowUrl(configuration);
	return [
		{
			kind: "QoSReport",
			where: resourcePath("QoSReport"),
			what: "Predictions for every candidate node of every governed Deployment, the recommendation and its reasons.",
		},
		{ kind: "QoSMigration", where: resourcePath("QoSMigration"), what: "Every move: promised and measured." },
		{ kind: "Prometheus", where: `port ${health.port}, /metrics`, what: "Metrics of this replica." },
		...(decisionLog.path === undefined
			? []
			: [{ kind: "DecisionLog", where: decisionLog.path, what: "What every evaluation rested on, as JSON Lines." }]),
		...(mlflow === null || layouts.length === 0
			? []
			: [{ kind: "MLflow", where: mlflow.url, what: `Predictions as runs, in the layouts ${layouts.join(", ")}.` }]),
	];
}

function mlflowUrl({ mlflow }: Configuration): { url: string } | null {
	const settings = mlflowSettings(mlflow, mlflowEnvironment());
	return settings ? { url: withoutCredentials(settings.trackingUri) } : null;
}

/** User and password go, and the query, where tokens like to be. */
function withoutCredentials(address: string): string {
	const url = new URL(address);
	url.username = "";
	url.password = "";
	url.search = "";
	url.hash = "";
	return url.href;
}
