import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";
import type { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { MlflowRunSource } from "../../src/adapters/mlflow/tracking/run-source.ts";
import { MlflowPredictionSink, type TrackingTelemetry } from "../../src/adapters/mlflow/tracking/sink.ts";
import type { Configuration } from "../../src/config/config.ts";
import { ConfigurationError } from "../../src/config/read.ts";

export interface TrackingOptions {
	readonly configuration: Configuration;
	/** Absent: no server is configured. */
	readonly client: MlflowClient | undefined;
	readonly registry: Registry;
	readonly logger: Logger;
}

/** Predictions -> MLflow; `undefined` when the configuration asks for none. @throws ConfigurationError */
export function createTracking({
	configuration,
	client,
	registry,
	logger,
}: TrackingOptions): MlflowPredictionSink | undefined {
	const { layouts, team, nodes, queue: queueLimit } = configuration.mlflow.tracking;
	if (layouts.length === 0) return undefined;
	if (!client) {
		throw new ConfigurationError(
			"mlflow.tracking.layouts asks for predictions to be saved, but no MLflow server is named; set mlflow.trackingUri or MLFLOW_TRACKING_URI",
		);
	}
	const telemetry = createTrackingTelemetry(registry);
	logger.info({ server: client.address, layouts }, "predictions are saved");
	return new MlflowPredictionSink({ client, layouts, team, nodes, queueLimit, telemetry, log: logger });
}

/** MLflow -> predictions that something else made; `undefined` when no server is configured. */
export function createRunSource({
	configuration,
	client,
	logger,
}: Omit<TrackingOptions, "registry">): MlflowRunSource | undefined {
	const readEverySeconds = configuration.mlflow.tracking.readEvery;
	return client && new MlflowRunSource({ client, readEverySeconds, clock: Date.now, log: logger });
}

function createTrackingTelemetry(registry: Registry): TrackingTelemetry {
	const registers = [registry];
	const runs = new Counter({
		name: "kubectl_qos_tracking_runs_total",
		help: "Runs with predictions by layout and result: saved, dropped (the queue was full) or refused by the server.",
		labelNames: ["layout", "result"],
		registers,
	});
	const savedValues = new Counter({
		name: "kubectl_qos_tracking_values_total",
		help: "Metric values of the runs that were saved.",
		labelNames: ["layout"],
		registers,
	});
	const queue = new Gauge({
		name: "kubectl_qos_tracking_queue_runs",
		help: "Runs that wait to be saved.",
		registers,
	});
	const up = new Gauge({
		name: "kubectl_qos_tracking_up",
		help: "1 when the tracking server answered the last call.",
		registers,
	});
	return {
		ended(layout, result, values) {
			runs.inc({ layout, result });
			if (values > 0) savedValues.inc({ layout }, values);
		},
		queued: (waiting) => queue.set(waiting),
		reachable: (isReachable) => up.set(isReachable ? 1 : 0),
	};
}
