import type { Logger } from "pino";
import type { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import type { Configuration } from "../../src/config/config.ts";
import { Collector } from "../../src/controller/collector.ts";
import type { Telemetry } from "../../src/controller/telemetry.ts";
import type { WorkloadKey } from "../../src/core/cluster/workload.ts";
import { HISTORY_WINDOWS, MetricStore } from "../../src/core/metrics/store.ts";

export interface MeasurementOptions {
	readonly configuration: Configuration;
	readonly cluster: KubernetesCluster;
	readonly telemetry: Telemetry;
	readonly logger: Logger;
	readonly onCollected: () => void;
}

/** Prometheus -> ring buffers. */
export function createMeasurements(options: MeasurementOptions): { metrics: MetricStore; collector: Collector } {
	const { configuration, cluster, telemetry, logger, onCollected } = options;
	const { catalogue, step: stepSeconds, window: steps } = configuration.metrics;
	const historySteps = HISTORY_WINDOWS * steps;
	const metrics = new MetricStore(catalogue, { steps, historySteps, stepSeconds });
	const client = new PrometheusClient(configuration.prometheus);
	const source = new PrometheusMetricsSource({
		client,
		catalogue,
		stepSeconds,
		resolvePod: (namespace, name) => {
			const key = cluster.workloadOf(namespace, name);
			return key === undefined ? undefined : { workload: key };
		},
	});
	const collector = new Collector({
		source,
		sink: metrics,
		stepSeconds,
		windowSteps: historySteps,
		clock: Date.now,
		telemetry,
		logger,
		onCollected: () => {
			const { nodes, workloads } = cluster.state();
			metrics.forget((scope, entity) => (scope === "Node" ? nodes.has(entity) : workloads.has(entity as WorkloadKey)));
			onCollected();
		},
	});
	return { metrics, collector };
}
