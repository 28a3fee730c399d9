import { stringify } from "yaml";
import { MlflowError } from "../../src/adapters/mlflow/errors.ts";
import type { Run } from "../../src/adapters/mlflow/schema.ts";
import type { Judged } from "../evaluation/judge.ts";
import type { Report, Tracking } from "./publish.ts";

const EXPERIMENT = "kubectl-qos-training";
/** Folder of the model among the run's artifacts. */
const FOLDER = "model";

/** Logs one training in MLflow: parameters, figures, comparison and the model itself. */
export async function logRun(
	ours: Judged,
	report: Report,
	{ client, publisher }: Tracking,
): Promise<{ readonly id: string; readonly source: string }> {
	const found = await client.experimentByName(EXPERIMENT);
	if (found?.deleted === true) {
		throw new MlflowError(
			`${client.address} has the experiment ${EXPERIMENT} among the deleted; restore it`,
			"Refused",
		);
	}
	const experimentId = found?.id ?? (await client.createExperiment(EXPERIMENT));
	const run = await client.createRun({ experimentId, name: ours.run.name, startTime: Date.now() });
	try {
		await client.logBatch(run.id, { params: paramsOf(ours, report), metrics: metricsOf(ours) });
		const files = {
			...modelFiles(ours, run),
			"comparison.md": report.comparison.table,
			"accuracy-by-speed.svg": report.comparison.plot,
		};
		for (const [path, content] of Object.entries(files)) {
			await publisher.putArtifact(run.artifactUri, path, Buffer.from(content));
		}
		await client.updateRun(run.id, { status: "FINISHED", endTime: Date.now() });
		return { id: run.id, source: `${run.artifactUri}/${FOLDER}` };
	} catch (error) {
		await client.updateRun(run.id, { status: "FAILED", endTime: Date.now() }).catch(() => undefined);
		throw error;
	}
}

function paramsOf({ run, model }: Judged, { settings }: Report): Record<string, string> {
	const { metric, unit, direction } = settings.target;
	return {
		family: run.family,
		version: run.version,
		metric,
		unit,
		direction,
		seed: String(settings.seed),
		quick: String(settings.quick),
		window: String(model.metadata.window),
		step_seconds: String(model.metadata.stepSeconds),
		horizon_seconds: String(model.metadata.horizonSeconds),
		features: model.metadata.features.map(({ name }) => name).join(","),
	};
}

function metricsOf({ figures, speed, bytes }: Judged) {
	const values: Record<string, number> = {
		pinball_loss: figures.loss,
		rows_per_second_batch_1: speed.single,
		rows_per_second_batch_1000: speed.batch,
		bytes: bytes.length,
	};
	for (const [aggregate, { mae, persistence, coverage, width }] of Object.entries(figures.aggregates)) {
		const prefix = aggregate.toLowerCase();
		Object.assign(values, {
			[`${prefix}_mae`]: mae,
			[`${prefix}_mae_persistence`]: persistence,
			[`${prefix}_coverage_90`]: coverage,
			[`${prefix}_width_90`]: width,
		});
	}
	const timestamp = Date.now();
	return Object.entries(values).map(([key, value]) => ({ key, value, timestamp }));
}

/** The model as `mlflow.onnx` writes it, so that `mlflow.onnx.load_model` reads it too. */
function modelFiles({ bytes, model }: Judged, run: Run): Record<string, string | Uint8Array> {
	const { window, features, outputs } = model.metadata;
	const tensor = (name: string, shape: readonly number[]) =>
		JSON.stringify([{ name, type: "tensor", "tensor-spec": { dtype: "float32", shape: [-1, ...shape] } }]);
	const description = {
		artifact_path: FOLDER,
		flavors: {
			onnx: { data: "model.onnx", onnx_version: "1.16.0", providers: ["CPUExecutionProvider"] },
			python_function: { data: "model.onnx", loader_module: "mlflow.onnx" },
		},
		run_id: run.id,
		signature: { inputs: tensor("input", [window, features.length]), outputs: tensor("output", [outputs.length]) },
		utc_time_created: new Date().toISOString().replace("T", " ").replace("Z", ""),
	};
	return { [`${FOLDER}/MLmodel`]: stringify(description), [`${FOLDER}/model.onnx`]: bytes };
}
