import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import type { Run } from "../../src/adapters/mlflow/schema.ts";
import { startMlflow } from "../cluster/mlflow.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { migrationIn, nodeOf, reportThat } from "./harness/workloads.ts";

const mlflow = await startMlflow();
const client = new MlflowClient({ trackingUri: mlflow.url, timeout: 10 });

/** In an order that is not that of their names. */
const NODES = ["node-2", "node-3", "node-1"];

const stage = useStage({
	nodes: NODES.map((name) => ({ name })),
	world: {
		nodes: { "node-1": { background: 3 }, "node-2": { background: 0.5 }, "node-3": { background: 2 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 10 }, api: { serviceTime: "20ms", arrivalRate: 10 } },
	},
	configuration: {
		mlflow: {
			trackingUri: mlflow.url,
			timeout: "2s",
			tracking: { layouts: ["cloudedge", "reactive", "proactive", "native"], nodes: NODES, readEvery: "1s" },
		},
	},
});

afterAll(async () => {
	await client.close();
	await mlflow.stop();
});

async function newestRun(experiment: string, is: (run: Run) => boolean = () => true): Promise<Run | undefined> {
	const found = await client.experimentByName(experiment);
	if (!found) return undefined;
	for await (const run of client.searchRuns({ experimentIds: [found.id] })) {
		if (run.status === "FINISHED" && is(run)) return run;
	}
	return undefined;
}

test("predictions are where Scanflow's tools look, and say what the report says", async () => {
	const reads = policy("store", { mode: "Off" });
	await stage.apply(namespace("store"), reads, deployment({ namespace: "store", name: "api" }));
	const API = ["store", "api"] as const;
	await reportThat(
		stage,
		API,
		"three predictions",
		({ nodes }) => nodes?.filter((node) => node.predicted).length === 3,
	);
	const run = await stage.waitUntil("a run with three values", () =>
		newestRun("predictor", ({ metrics }) => ["qos_0", "qos_1", "qos_2"].every((key) => metrics.has(key))),
	);
	// Latency is turned around, so that the largest is the best.
	const values = NODES.map((_, index) => -(run.metrics.get(`qos_${index}`) ?? Number.NaN));
	expect(run.metrics.get("max_qos")).toBe(-Math.min(...values));
	expect(run.params.get("max_qos_index")).toBe("0");
	const { nodes = [] } = await reportThat(stage, API, "a best node", ({ nodes: listed }) => listed?.[0]?.rank === 1);
	expect(nodes[0]?.name).toBe("node-2");
	for (const { name, predicted } of nodes) {
		// A moment lies between the two.
		expect(values[NODES.indexOf(name)]).toBeGreaterThan(0.5 * (predicted?.value ?? Number.NaN));
		expect(values[NODES.indexOf(name)]).toBeLessThan(2 * (predicted?.value ?? Number.NaN));
	}
	const reactive = await stage.waitUntil("a reactive run", () =>
		newestRun("api", ({ params }) => params.has("max_cluster")),
	);
	expect(reactive).toMatchObject({ name: "kubectl-qos" });
	expect(reactive.params.get("max_cluster")).toBe(reactive.params.get(`cluster_${reactive.metrics.get("max_idx")}`));
	await stage.waitUntil("a proactive run", () =>
		newestRun("api", ({ params }) => params.get("last_stage_completed") === "qos-upload"),
	);
	const native = await stage.waitUntil("a native run", () => newestRun("kubectl-qos"));
	expect(native.metrics.get("lower/node-2")).toBeLessThan(native.metrics.get("upper/node-2") ?? 0);
	expect(await stage.metric("kubectl_qos_tracking_runs_total", { result: "saved" })).toBeGreaterThan(3);
	expect(await stage.metric("kubectl_qos_tracking_runs_total", { result: "dropped" })).toBe(0);
});

const WEB = ["shop", "web"] as const;

/** Saves runs as a pipeline of Scanflow's does: right about where the app is, a quarter of that elsewhere. */
async function pipeline(
	experimentId: string,
	[from, to]: readonly [string, string],
	until: AbortSignal,
): Promise<void> {
	while (!until.aborted) {
		const { current } = await reportThat(
			stage,
			WEB,
			"a measurement",
			(status) => status.current?.measured !== undefined,
		);
		const here = current?.measured ?? Number.NaN;
		const values = { qos_0: here, qos_1: here / 4, max_qos: here, max_idx: 0 };
		const startTime = Date.now();
		const { id } = await client.createRun({ experimentId, name: "pipeline", startTime });
		await client.logBatch(id, {
			metrics: Object.entries(values).map(([key, value]) => ({ key, value, timestamp: startTime })),
			params: { cluster_0: from, cluster_1: to, max_cluster: from },
		});
		await client.updateRun(id, { status: "FINISHED", endTime: Date.now() });
		await sleep(500);
	}
}

function decisionLike(pattern: RegExp): Promise<unknown> {
	return reportThat(stage, WEB, `a decision like ${pattern}`, ({ decision }) => pattern.test(decision?.message ?? ""));
}

test("an app moves by what a pipeline predicted, once enough of it came true, and the run is marked", async () => {
	const predictions = { layout: "reactive", run: "pipeline", window: "30s" };
	const spec = { model: { predictions }, rebalance: { cooldown: "60s" } };
	await stage.apply(namespace("shop"), policy("shop", spec), deployment({ namespace: "shop", name: "web" }));
	await decisionLike(/^experiment web has no run of the last 30s$/);
	// Conditions are written at the end of a cycle, after its reports.
	await stage.waitUntil("a policy that misses predictions", async () => {
		const { status } = await stage.api.get("QoSPolicy", "shop", "fast");
		return status?.conditions?.find(
			({ type, status: is, reason }) => type === "Ready" && is === "False" && reason === "PredictionsMissing",
		);
	});

	const from = await nodeOf(stage, ...WEB);
	const to = from === "node-2" ? "node-3" : "node-2";
	stage.world.update({ nodes: { [from]: { background: 3.4 } } });
	const ending = new AbortController();
	const saving = pipeline(await client.createExperiment("web"), [from, to], ending.signal);
	try {
		await decisionLike(/have no interval yet: \d of 9 horizons were followed up$/);
		const { spec: asked, status } = await migrationIn(stage, WEB, ["Rolling", "Verifying", "Succeeded"], 150_000);
		expect(asked.to).toBe(to);
		expect(status).toMatchObject({ from });
	} finally {
		ending.abort();
		await saving;
	}
	await stage.waitUntil("the run is marked", () => newestRun("web", ({ params }) => params.get("analysed") === "True"));
	expect(await nodeOf(stage, ...WEB)).toBe(to);
});
