import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import type { Configuration } from "../../src/config/config.ts";
import { mlflowEnvironment } from "../../src/config/environment.ts";
import { mlflowSettings } from "../../src/config/mlflow-settings.ts";

/** The MLflow server of file and environment; `undefined` when neither names one. @throws ConfigurationError */
export function createMlflowClient(configuration: Configuration): MlflowClient | undefined {
	const settings = mlflowSettings(configuration.mlflow, mlflowEnvironment());
	return settings && new MlflowClient(settings);
}
