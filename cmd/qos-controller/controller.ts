import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { KubernetesActuator } from "../../src/adapters/kubernetes/actuator.ts";
import { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import type { Configuration } from "../../src/config/config.ts";
import { kubeconfigFiles } from "../../src/config/environment.ts";
import { createTelemetry } from "../../src/controller/telemetry.ts";
import { Learned } from "../../src/core/calibration/learned.ts";
import type { WorkloadKey } from "../../src/core/cluster/workload.ts";
import { Ledger } from "../../src/core/features/ledger.ts";
import type { Memory } from "../../src/core/recommendation/memory.ts";
import { startHealthServer } from "../../src/webhook/health.ts";
import { createAdmission } from "./admission.ts";
import { createAgent } from "./agent.ts";
import { createMeasurements } from "./measurements.ts";
import { createMlflowClient } from "./mlflow.ts";
import { createModels } from "./models.ts";
import { createTimer } from "./timer.ts";
import { createRunSource, createTracking } from "./tracking.ts";

export interface ControllerOptions {
	readonly configuration: Configuration;
	readonly kubeconfig: string | undefined;
	readonly context: string | undefined;
	readonly logger: Logger;
}

export interface Controller {
	/** Ends everything in order: unready, drained, leadership given up, caches closed. */
	stop(): Promise<void>;
}

const LOOK_EVERY_MS = 50;

/** Resolves to true once every kind was listed, to false when aborted before. */
async function untilListed(cluster: KubernetesCluster, signal: AbortSignal): Promise<boolean> {
	while (!cluster.ready() && !signal.aborted) await sleep(LOOK_EVERY_MS);
	return !signal.aborted;
}

/**
 * Wires adapters to the core and starts them: caches and measurements first, then admission and the
 * timer. @throws KubeConfigError
 */
export async function startController(options: ControllerOptions): Promise<Controller> {
	const { configuration, logger, context } = options;
	const { timeout, queriesPerSecond } = configuration.kubernetes;
	const connection = KubernetesConnection.open({
		files: kubeconfigFiles(options.kubeconfig),
		context,
		timeoutSeconds: timeout,
		queriesPerSecond,
	});
	logger.info({ server: connection.server, prometheus: configuration.prometheus.url }, "starting");
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	const telemetry = createTelemetry(registry);
	const cluster = new KubernetesCluster(connection, logger);
	const ledger = new Ledger();
	const learned = new Learned();
	const memories = new Map<WorkloadKey, Memory>();
	const { metrics, collector } = createMeasurements({
		configuration,
		cluster,
		telemetry,
		logger,
		onCollected: () => {
			timer.onCollected();
			admission.onCollected();
		},
	});
	const mlflow = createMlflowClient(configuration);
	const recorded = createRunSource({ configuration, client: mlflow, logger });
	const models = await createModels({
		configuration,
		client: mlflow,
		recorded,
		cluster: () => cluster.state(),
		catalogue: metrics,
		registry,
		logger,
	});
	const predictionSink = createTracking({ configuration, client: mlflow, registry, logger });
	const actuator = new KubernetesActuator({ connection, state: () => cluster.state(), clock: Date.now });
	const stores = { cluster, metrics, models, ledger, learned, memories };
	const parts = { configuration, connection, ...stores, actuator, telemetry, logger };
	const agent = createAgent(parts);
	const admission = createAdmission({ ...parts, registry, onCertificate: (leaf) => agent.onCertificate(leaf) });
	const timer = createTimer({
		...parts,
		predictionSink,
		collect: () => collector.collect(),
		collectionProblem: () => collector.problem,
	});
	const health = await startHealthServer({
		host: configuration.health.host,
		port: configuration.health.port,
		readiness: {
			caches: () => (cluster.ready() ? undefined : `not listed yet: ${cluster.unready().join(", ")}`),
			models: () => models.problem(),
			...admission.readiness,
			...agent.readiness,
		},
		registry,
	});
	logger.info({ port: health.port }, "probes and metrics are served");
	cluster.start();
	const stopping = new AbortController();
	// Samples of pods that the caches do not know yet could not be attributed.
	void untilListed(cluster, stopping.signal).then((listed) => {
		if (!listed) return;
		models.start();
		collector.start();
	});
	timer.start();
	await admission.start();
	await agent.start();
	return {
		async stop() {
			stopping.abort();
			await agent.stop();
			await admission.stop();
			await timer.stop();
			await predictionSink?.stop();
			await collector.stop();
			await cluster.stop();
			await models.close();
			await recorded?.stop();
			await mlflow?.close();
			await health.stop();
		},
	};
}
