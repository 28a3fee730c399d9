import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import type { Run } from "../../src/adapters/mlflow/schema.ts";
import { type Mlflow, startMlflow } from "../cluster/mlflow.ts";
import { cacheFolder, openRegistry, selectorOf } from "./mlflow-registry-world.ts";
import { failureOf, useMlflow } from "./mlflow-support.ts";

const NOW = Date.UTC(2026, 0, 1);

async function list<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}

describe("a real MLflow server", () => {
	const stage = useMlflow();

	test("experiments are found by name, and made once", async () => {
		expect(await stage.client.experimentByName("predictor")).toBeUndefined();
		const id = await stage.client.createExperiment("predictor");
		expect(await stage.client.experimentByName("predictor")).toEqual({ id, name: "predictor", deleted: false });
		await expect(stage.client.createExperiment("predictor")).rejects.toMatchObject({ failure: "AlreadyExists" });
	});

	test("a run is logged, however many metrics it has and whatever their values", async () => {
		const experimentId = await stage.client.createExperiment("large");
		const { id } = await stage.client.createRun({ experimentId, name: "team", startTime: NOW, tags: { owner: "us" } });
		const many = Array.from({ length: 1500 }, (_, index) => ({ key: `qos_${index}`, value: index, timestamp: NOW }));
		const odd = [
			{ key: "absent", value: Number.NaN, timestamp: NOW },
			{ key: "endless", value: Number.NEGATIVE_INFINITY, timestamp: NOW },
		];
		const params = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`cluster_${index}`, `node-${index}`]));
		await stage.client.logBatch(id, { metrics: [...many, ...odd], params, tags: { round: "1" } });
		await stage.client.setTag(id, "round", "2");
		await stage.client.updateRun(id, { status: "FINISHED", endTime: NOW + 5 });
		const run = await stage.client.run(id);
		expect(run).toMatchObject({ id, experimentId, name: "team", status: "FINISHED", startTime: NOW, endTime: NOW + 5 });
		expect(run.metrics.size).toBe(1502);
		expect(run.metrics.get("qos_1499")).toBe(1499);
		expect(run.metrics.get("absent")).toBeNaN();
		expect(run.metrics.get("endless")).toBe(Number.NEGATIVE_INFINITY);
		expect(run.params.size).toBe(150);
		expect(run.tags.get("round")).toBe("2");
		expect(run.tags.get("owner")).toBe("us");
	});

	test("runs are searched page by page, newest first", async () => {
		const experimentId = await stage.client.createExperiment("pages");
		for (let minute = 0; minute < 5; minute++) {
			await stage.client.createRun({ experimentId, name: `run ${minute}`, startTime: NOW + minute * 60_000 });
		}
		const names = (runs: readonly Run[]) => runs.map(({ name }) => name);
		const all = await list(stage.client.searchRuns({ experimentIds: [experimentId], pageSize: 2 }));
		expect(names(all)).toEqual(["run 4", "run 3", "run 2", "run 1", "run 0"]);
		const filter = `attributes.created > ${NOW + 2.5 * 60_000}`;
		expect(names(await list(stage.client.searchRuns({ experimentIds: [experimentId], filter })))).toEqual([
			"run 4",
			"run 3",
		]);
		const none = stage.client.searchRuns({ experimentIds: [experimentId], filter: `attributes.created > ${NOW * 2}` });
		expect(await list(none)).toEqual([]);
		for await (const { name } of stage.client.searchRuns({ experimentIds: [experimentId], pageSize: 1 })) {
			expect(name).toBe("run 4");
			break;
		}
	});

	test("what MLflow refuses is said in one line", async () => {
		const experimentId = await stage.client.createExperiment("refused");
		const { id } = await stage.client.createRun({ experimentId, startTime: NOW });
		await stage.client.logBatch(id, { params: { analysed: "True" } });
		await stage.client.logBatch(id, { params: { analysed: "True" } });
		const message = await failureOf(stage.client.logBatch(id, { params: { analysed: "False" } }));
		expect(message).toMatch(
			/^MLflow at http:\/\/127\.0\.0\.1:\d+ \(POST \/api\/2\.0\/mlflow\/runs\/log-batch\) answered 400 INVALID_PARAMETER_VALUE \([^\n]*\)$/,
		);
	});

	test("models and aliases that are missing are not found", async () => {
		await expect(stage.client.getModelVersionByAlias("none", "Production")).rejects.toMatchObject({
			failure: "NotFound",
		});
		await expect(stage.client.getModelVersion("none", "1")).rejects.toMatchObject({ failure: "NotFound" });
		const missing = list(stage.client.downloadArtifact("1/none.onnx", { maxBytes: 1000 }));
		await expect(missing).rejects.toMatchObject({ failure: "NotFound" });
	});

	test("a server that is asked under a name it does not know", async () => {
		const { port } = new URL(stage.mlflow.url);
		const stranger = new MlflowClient({ trackingUri: `http://localhost.localdomain:${port}`, timeout: 5 });
		const message = await failureOf(stranger.experimentByName("predictor"));
		await stranger.close();
		// Not every machine resolves the name.
		expect(message).toMatch(/start MLflow with --allowed-hosts naming it$|\(ENOTFOUND\)|\(EAI_AGAIN\)/);
	});

	test("frozen, it is given up on in time; killed, it is out of reach; revived, it knows everything", async () => {
		const hasty = new MlflowClient({ trackingUri: stage.mlflow.url, timeout: 1 });
		stage.mlflow.freeze();
		expect(await failureOf(hasty.experimentByName("predictor"))).toMatch(/gave no answer within 1 s/);
		stage.mlflow.thaw();
		await stage.mlflow.kill();
		expect(await failureOf(hasty.experimentByName("predictor"))).toMatch(/cannot be reached \(ECONNREFUSED\)/);
		await stage.mlflow.revive();
		expect(await stage.client.experimentByName("predictor")).toMatchObject({ name: "predictor" });
		await hasty.close();
	});
});

describe("a real MLflow server that asks for a password", () => {
	let mlflow: Mlflow;

	beforeAll(async () => {
		mlflow = await startMlflow({ auth: "basic" });
	});

	afterAll(() => mlflow?.stop());

	async function withClient<T>(credentials: object, work: (client: MlflowClient) => Promise<T>): Promise<T> {
		const client = new MlflowClient({ trackingUri: mlflow.url, timeout: 20, ...credentials });
		try {
			return await work(client);
		} finally {
			await client.close();
		}
	}

	test("its models are out of reach with the wrong one, in one line", async () => {
		const cache = cacheFolder();
		const opened = await openRegistry({
			trackingUri: mlflow.url,
			directory: cache.path,
			model: selectorOf("m"),
			credentials: { username: "admin", password: "open sesame" },
		});
		await opened.registry.poll();
		expect(opened.resolve()).toMatchObject({ refused: true, reason: "Unreachable" });
		expect(opened.failures).toEqual([
			expect.stringMatching(
				/^model models:\/m@Production: MLflow at .* refused the credentials \(status 401\); set MLFLOW/,
			),
		]);
		await opened.stop();
		cache.remove();
	});

	test("answers with the right one", async () => {
		const id = await withClient(mlflow.credentials, (client) => client.createExperiment("predictor"));
		expect(id).toMatch(/^\d+$/);
	});

	test.each([{}, { username: "admin", password: "open sesame" }, { token: "open sesame" }])(
		"refuses %j, and the message does not hold it",
		async (credentials) => {
			const message = await failureOf(withClient(credentials, (client) => client.experimentByName("predictor")));
			expect(message).toBe(
				`MLflow at ${mlflow.url} (GET /api/2.0/mlflow/experiments/get-by-name) refused the credentials (status 401); set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or their files under mlflow`,
			);
		},
	);
});
