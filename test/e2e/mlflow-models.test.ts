import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { headroom } from "../../models/headroom.ts";
import { startMlflow } from "../cluster/mlflow.ts";
import { registerModel, setAlias } from "../cluster/mlflow-models.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { migrationIn, nodeOf, reportThat } from "./harness/workloads.ts";

const mlflow = await startMlflow();
const cacheDirectory = mkdtempSync(join(tmpdir(), "mlflow-models-"));

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }, { name: "node-3" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 2 }, "node-3": { background: 3 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
	configuration: {
		mlflow: { trackingUri: mlflow.url, timeout: "2s", registry: { pollInterval: "1s", cacheDirectory } },
	},
});

afterAll(async () => {
	await mlflow.stop();
	rmSync(cacheDirectory, { recursive: true, force: true });
});

const WEB = ["shop", "web"] as const;
const NAME = "web_latency";
const FIRST = headroom("Minimize");
/** The same graph as another file: a producer's name (field 2) that counts for nothing. */
const SECOND = Buffer.concat([FIRST, Buffer.from([0x12, 1, 0x78])]);

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

async function promote(bytes: Uint8Array): Promise<void> {
	const tags = { "qos.sha256": sha256(bytes) };
	const version = await registerModel(mlflow.url, { name: NAME, files: { "model.onnx": bytes }, tags });
	await setAlias(mlflow.url, NAME, "Production", version);
}

function servedBy(version: string, bytes: Uint8Array): Promise<unknown> {
	return reportThat(stage, WEB, `model version ${version}`, ({ modelRef }) => {
		if (modelRef?.version !== version) return false;
		expect(modelRef).toEqual({ name: NAME, version, sha256: sha256(bytes) });
		return true;
	});
}

function ready(reason: string): Promise<{ status: string; message?: string }> {
	return stage.waitUntil(`the policy is Ready with reason ${reason}`, async () => {
		const conditions = (await stage.api.get("QoSPolicy", "shop", "fast")).status?.conditions ?? [];
		const found = conditions.find(({ type }) => type === "Ready");
		if (found?.reason === reason) return found;
		throw new Error(JSON.stringify(found));
	});
}

async function eventOn(reason: string): Promise<string> {
	return stage.waitUntil(`an Event ${reason} on the policy`, async () => {
		const events = await stage.api.list("Event", "shop");
		return events.find((event) => event.reason === reason && event.regarding?.kind === "QoSPolicy")?.note;
	});
}

test("a policy without a model in the registry says so, and is served as soon as there is one", async () => {
	const model = { mlflow: { name: NAME, alias: "Production" } };
	await stage.apply(namespace("shop"), policy("shop", { model }), deployment({ namespace: "shop", name: "web" }));
	const { status, message } = await ready("ModelNotFound");
	expect(status).toBe("False");
	expect(message).toContain(`model models:/${NAME}@Production is not in the registry`);
	await promote(FIRST);
	await servedBy("1", FIRST);
	await ready("InForce");
	expect(await eventOn("ModelReady")).toMatch(new RegExp(`^${NAME} 1 .* is in service$`));
});

test("when the alias moves, reports name the new model, and an Event tells of it", async () => {
	await promote(SECOND);
	await servedBy("2", SECOND);
	expect(await eventOn("ModelSwitched")).toMatch(new RegExp(`^${NAME} 2 .* has replaced ${NAME} 1 `));
	const info = { name: NAME, version: "2", sha256: sha256(SECOND) };
	expect(await stage.metric("kubectl_qos_model_info", info)).toBe(1);
	expect(await stage.metric("kubectl_qos_model_info")).toBe(1);
});

test("a broken model is not taken, and the policy says why", async () => {
	await promote(FIRST.slice(0, 1000));
	const { status, message } = await ready("ModelKept");
	expect(status).toBe("True");
	expect(message).toMatch(
		/^governs 1 Deployment with model web_latency 2, which stays in service: model models:\/web_latency@Production \(version 3\) /,
	);
	expect(await eventOn("ModelKept")).toContain(`${NAME} 2 `);
	await setAlias(mlflow.url, NAME, "Production", "2");
	await ready("InForce");
});

test("with the registry gone it goes on deciding, and moves an app, after a restart too", async () => {
	const before = await nodeOf(stage, ...WEB);
	await mlflow.kill();
	expect((await ready("ModelKept")).message).toMatch(/MLflow at .* cannot be reached \(ECONNREFUSED\)/);
	expect(await stage.metric("kubectl_qos_model_refresh_failures_total", { reason: "Unreachable" })).toBeGreaterThan(0);
	await stage.controllers[0]?.kill();
	await stage.restart();
	const restartedAt = Date.now();
	await reportThat(stage, WEB, "an evaluation after the restart", ({ observedAt, modelRef }) => {
		return Date.parse(observedAt) > restartedAt && modelRef?.version === "2";
	});
	await reportThat(stage, WEB, "its measured latency", ({ current }) => current.measured !== undefined);
	stage.world.update({ nodes: { [before]: { background: 7.6 } } });
	const { status } = await migrationIn(stage, WEB, ["Succeeded"], 60_000);
	expect(status).toMatchObject({ from: before });
});
