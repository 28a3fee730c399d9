import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { ModelCache } from "../../src/adapters/mlflow/registry/model-cache.ts";
import { MlflowModelRegistry, type RegistryObserver } from "../../src/adapters/mlflow/registry/registry.ts";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import type { Configuration } from "../../src/config/config.ts";
import { modelCacheDirectory } from "../../src/config/mlflow-settings.ts";
import { ModelTelemetry } from "../../src/controller/model-telemetry.ts";
import type { ClusterState } from "../../src/core/cluster/state.ts";
import type { MetricCatalogue } from "../../src/core/model/fits.ts";
import type { ModelRegistry } from "../../src/core/model/model.ts";
import type { RunSource } from "../../src/core/tracking/record.ts";
import { RecordedModels } from "../../src/core/tracking/recorded-models.ts";

export interface ModelOptions {
	readonly configuration: Configuration;
	/** Absent: no MLflow server is named. */
	readonly client: MlflowClient | undefined;
	/** Predictions that something else made; absent with the server. */
	readonly recorded: RunSource | undefined;
	readonly cluster: () => ClusterState;
	readonly catalogue: MetricCatalogue;
	readonly registry: Registry;
	readonly logger: Logger;
}

/** All models that policies may ask for. */
export interface Models extends ModelRegistry {
	/** Takes up changed files; never rejects. */
	refresh(): Promise<void>;
	/** Begins to look after models of MLflow. */
	start(): void;
	/** What they wait for after a start; `undefined`: nothing any more. */
	problem(): string | undefined;
	close(): Promise<void>;
}

/** Built-in models, files and, where a server is named, MLflow's. */
export async function createModels(options: ModelOptions): Promise<Models> {
	const { configuration, client, catalogue, registry, cluster } = options;
	const files = await FileModelRegistry.open({ catalogue, directory: configuration.models.directory });
	const telemetry = new ModelTelemetry({
		registry,
		cluster,
		models: { resolve: (selector, objective) => models.resolve(selector, objective) },
		clock: Date.now,
	});
	const mlflow = client && createMlflow(client, { ...options, files, telemetry });
	const recorded = new RecordedModels({ source: options.recorded, catalogue });
	const models: Models = {
		resolve(selector, objective) {
			if (selector.kind === "Predictions") return recorded.resolve(selector, objective);
			return (selector.kind === "Mlflow" ? (mlflow ?? files) : files).resolve(selector, objective);
		},
		refresh: () => files.refresh(),
		start: () => mlflow?.start(),
		problem: () => (mlflow?.looked === false ? "models of MLflow were not looked for yet" : undefined),
		async close() {
			mlflow?.stop();
			await files.close();
		},
	};
	return models;
}

function createMlflow(
	client: MlflowClient,
	options: ModelOptions & { readonly files: FileModelRegistry; readonly telemetry: ModelTelemetry },
): MlflowModelRegistry {
	const { configuration, cluster, catalogue, files, logger } = options;
	const { pollInterval, cacheMebibytes } = configuration.mlflow.registry;
	return new MlflowModelRegistry({
		client,
		cache: new ModelCache({
			directory: modelCacheDirectory(configuration.mlflow),
			maxBytes: cacheMebibytes * 2 ** 20,
			onFailure: (message) => logger.warn({ reason: message }, "models are fetched again after a restart"),
		}),
		load: (bytes, label) => files.load(bytes, label),
		catalogue,
		wanted: () => cluster().policies.values(),
		pollIntervalSeconds: pollInterval,
		clock: Date.now,
		observer: observer(options),
	});
}

function observer({ logger, telemetry }: ModelOptions & { telemetry: ModelTelemetry }): RegistryObserver {
	return {
		switched(model, { reference }, before) {
			logger.info({ model, ...reference, replaces: before?.reference.version }, "model in service");
		},
		troubled(model, problem, kept) {
			if (!problem) return logger.info({ model }, "the model that is asked for is in service");
			const { reason, message } = problem;
			logger.warn({ model, reason, problem: message, kept: kept?.reference.version }, "model not available");
		},
		polled(problems, answered) {
			if (answered) telemetry.answered(Date.now());
			for (const { reason } of problems) telemetry.failed(reason);
		},
	};
}
