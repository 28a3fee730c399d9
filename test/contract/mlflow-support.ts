import { afterAll, beforeAll } from "vitest";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { type Mlflow, startMlflow } from "../cluster/mlflow.ts";

export interface MlflowStage {
	readonly mlflow: Mlflow;
	readonly client: MlflowClient;
}

/** The first start on a machine installs MLflow. */
const PATIENCE_MS = 300_000;

/** A real MLflow server and a client of it, for the tests beside the call. */
export function useMlflow(): MlflowStage {
	let stage: MlflowStage | undefined;
	beforeAll(async () => {
		const mlflow = await startMlflow();
		stage = { mlflow, client: new MlflowClient({ trackingUri: mlflow.url, timeout: 20 }) };
	}, PATIENCE_MS);
	afterAll(async () => {
		await stage?.client.close();
		await stage?.mlflow.stop();
	});
	const started = () => {
		if (!stage) throw new Error("MLflow is not started yet");
		return stage;
	};
	return {
		get mlflow() {
			return started().mlflow;
		},
		get client() {
			return started().client;
		},
	};
}

/** The message of what does not work. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
	try {
		await work;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
	throw new Error("it answered");
}
