import { execFile } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import type { Run } from "../../src/adapters/mlflow/schema.ts";
import { MlflowPredictionSink, type MlflowPredictionSinkOptions } from "../../src/adapters/mlflow/tracking/sink.ts";
import { workloadKey } from "../../src/core/cluster/workload.ts";
import { TRACKING_LAYOUTS } from "../../src/core/policy/policy.ts";
import { listCandidates } from "../../src/core/recommendation/rank.ts";
import type { Candidate } from "../../src/core/recommendation/recommendation.ts";
import { mlflowPython } from "../cluster/mlflow.ts";
import { waitFor } from "../cluster/wait.ts";
import { candidate, predicted } from "../unit/recommendation/builders.ts";
import { type TrackedChanges, tracked } from "../unit/tracking/tracked.ts";
import { useMlflow } from "./mlflow-support.ts";

/** Nodes as the original's actuator lists them. */
const NODES = [
	"cloudskin-k8s-control-plane-0.novalocal",
	"cloudskin-k8s-worker-1.novalocal",
	"cloudskin-k8s-worker-0.novalocal",
	"cloudskin-k8s-edge-worker-2.novalocal",
	"cloudskin-k8s-edge-worker-1.novalocal",
	"cloudskin-k8s-edge-worker-0.novalocal",
];
const QOS = [24, 22, 28.5, 19, 15, 14];
const FPS: TrackedChanges = {
	objective: { metric: "fps", direction: "Maximize", target: undefined },
	unit: "frames_per_second",
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).toReversed()) await close();
});

const stage = useMlflow();

function clientOf(trackingUri: string, timeout = 20): MlflowClient {
	const client = new MlflowClient({ trackingUri, timeout });
	closing.push(() => client.close());
	return client;
}

/** A sink with what it tells. */
function sinkTo(trackingUri: string, options: Partial<MlflowPredictionSinkOptions> & { timeout?: number } = {}) {
	const told = { ended: [] as string[], log: [] as string[], reachable: undefined as boolean | undefined };
	const sink = new MlflowPredictionSink({
		client: clientOf(trackingUri, options.timeout),
		layouts: ["cloudedge"],
		team: "team",
		nodes: [],
		queueLimit: 100,
		telemetry: {
			ended: (layout, result) => told.ended.push(`${layout} ${result}`),
			queued: () => undefined,
			reachable: (isReachable) => (told.reachable = isReachable),
		},
		log: {
			info: (_fields, message) => told.log.push(message),
			warn: (fields, message) => told.log.push(`${message}: ${"reason" in fields ? String(fields.reason) : ""}`),
		},
		...options,
	});
	closing.push(() => sink.stop());
	const done = (runs: number, timeoutMs = 20_000) =>
		waitFor(async () => told.ended.length >= runs, { what: `${runs} runs done with`, timeoutMs });
	return { sink, told, done };
}

function qos(values: readonly number[], nodes = NODES): Candidate[] {
	return nodes.map((node, index) => candidate(node, predicted(values[index] ?? 1, 0.5)));
}

async function runsOf(experiment: string): Promise<Run[]> {
	const client = clientOf(stage.mlflow.url);
	const found = await client.experimentByName(experiment);
	const runs: Run[] = [];
	for await (const run of client.searchRuns({ experimentIds: [found?.id ?? "0"] })) runs.push(run);
	return runs;
}

async function sensor(frequency?: number): Promise<unknown> {
	const args = [join(import.meta.dirname, "tracking/sensor.py"), stage.mlflow.url];
	if (frequency !== undefined) args.push(String(frequency));
	const { stdout } = await promisify(execFile)(await mlflowPython(), args, { cwd: stage.mlflow.dir });
	return JSON.parse(stdout);
}

describe("predictions are saved", () => {
	test("in every layout, whole, with the time of their cycle", async () => {
		const { sink, told, done } = sinkTo(stage.mlflow.url, { layouts: TRACKING_LAYOUTS });
		const now = Date.now();
		const workload = workloadKey("shop", "pipeline");
		sink.record([tracked(qos(QOS), { ...FPS, evaluation: { observedAt: now, workload } })]);
		await done(4);
		expect(told).toMatchObject({
			reachable: true,
			log: [],
			ended: TRACKING_LAYOUTS.map((layout) => `${layout} saved`),
		});
		const [cloudedge] = await runsOf("predictor");
		expect(cloudedge).toMatchObject({ status: "FINISHED", startTime: now });
		expect(Object.fromEntries(cloudedge?.metrics ?? [])).toMatchObject({ qos_0: 24, qos_4: 28.5, max_qos: 28.5 });
		const ofApp = await runsOf("pipeline");
		const reactive = ofApp.find(({ params }) => params.has("max_cluster"));
		const proactive = ofApp.find(({ metrics }) => metrics.has("avg_qos_0"));
		expect(reactive).toMatchObject({ name: "team", status: "FINISHED" });
		expect(reactive?.params.get("max_cluster")).toBe("cloudskin-k8s-edge-worker-0.novalocal");
		expect(proactive?.params.get("last_stage_completed")).toBe("qos-upload");
		const [native] = await runsOf("kubectl-qos");
		expect(native?.metrics.get(`upper/${NODES[2]}`)).toBe(29);
	});

	test("of 1,200 nodes as of six", async () => {
		const nodes = Array.from({ length: 1200 }, (_, index) => `node-${String(index).padStart(4, "0")}`);
		const { sink, done } = sinkTo(stage.mlflow.url, { layouts: ["reactive"] });
		const workload = workloadKey("shop", "large");
		sink.record([tracked(qos([], nodes), { evaluation: { observedAt: Date.now(), workload } })]);
		await done(1);
		const [run] = await runsOf("large");
		expect(run?.metrics.size).toBe(1202);
		expect(run?.params.size).toBe(1201);
		expect(run?.params.get("cluster_1199")).toBe("node-1199");
	});
});

describe("the original's sensor", () => {
	test.each([undefined, 300])("finds the newest run and picks the report's node (frequency %s)", async (frequency) => {
		const { sink, done } = sinkTo(stage.mlflow.url, { nodes: NODES });
		const now = Date.now();
		const older = tracked(qos([30, 1, 1, 1, 1, 1]), { ...FPS, evaluation: { observedAt: now - 60_000 } });
		const newest = tracked(qos(QOS), { ...FPS, evaluation: { observedAt: now } });
		// The newest is the one that was predicted last, in whatever order they arrive.
		sink.record([newest, older]);
		await done(2);
		const [best] = listCandidates(newest.evaluation.candidates, newest.policy, { limit: 1, always: undefined });
		expect(await sensor(frequency)).toEqual({ max_qos: 28.5, node: best?.node });
	});

	test("does nothing with what is older than it looks back, or below its threshold", async () => {
		const { sink, done } = sinkTo(stage.mlflow.url, { nodes: NODES });
		sink.record([tracked(qos([20, 1, 1, 1, 1, 1]), { ...FPS, evaluation: { observedAt: Date.now() } })]);
		await done(1);
		expect(await sensor()).toEqual({ max_qos: 20, node: null });
		await sleep(2500);
		expect(await sensor(2)).toEqual({ max_qos: 0, node: null });
	});
});

describe("a server in trouble", () => {
	test("down and back: what was recorded meanwhile comes, the oldest dropped, one line each way", async () => {
		const { sink, told, done } = sinkTo(stage.mlflow.url, { layouts: ["reactive"], queueLimit: 5, timeout: 1 });
		await stage.mlflow.kill();
		const workload = workloadKey("shop", "outage");
		const first = Date.now();
		const before = performance.now();
		for (let cycle = 0; cycle < 8; cycle++) {
			sink.record([tracked(qos(QOS), { evaluation: { observedAt: first + cycle, workload } })]);
		}
		expect(performance.now() - before).toBeLessThan(200);
		await done(3);
		expect(told.ended).toEqual(["reactive dropped", "reactive dropped", "reactive dropped"]);
		await waitFor(async () => told.log.length > 0, { what: "a line", timeoutMs: 10_000 });
		await stage.mlflow.revive();
		await done(8, 60_000);
		expect(told.log).toEqual([
			expect.stringMatching(/^predictions cannot be saved: MLflow at .* cannot be reached \(ECONNREFUSED\); check/),
			"predictions are saved again",
		]);
		expect((await runsOf("outage")).map(({ startTime }) => (startTime ?? 0) - first)).toEqual([7, 6, 5, 4, 3]);
	});

	test.each([
		[401, "text/plain", "You are not authenticated", /refused the credentials \(status 401\)/],
		[500, "application/json", '{"error_code":"INTERNAL_ERROR","message":"x"}', /answered 500 INTERNAL_ERROR/],
		[429, "application/json", '{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"x"}', /answered 429 REQUEST_LIMIT/],
		[200, "text/html", "<html>Welcome</html>", /answered 200 with text\/html instead of JSON/],
	])("status %s with %s: one line, and the run waits", async (status, type, body, line) => {
		const server = http.createServer((_request, response) => {
			response.writeHead(status, { "content-type": type }).end(body);
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		closing.push(() => server.close());
		const { sink, told } = sinkTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
		sink.record([tracked(qos(QOS), FPS), tracked(qos(QOS), FPS)]);
		await waitFor(async () => told.log.length > 0, { what: "a line", timeoutMs: 10_000 });
		expect(told).toMatchObject({ ended: [], reachable: false, log: [expect.stringMatching(line)] });
	});

	test("frozen and thawed: nothing waits for it, and no run is left running", async () => {
		const { sink, told, done } = sinkTo(stage.mlflow.url, { layouts: ["reactive"], queueLimit: 5, timeout: 1 });
		const workload = workloadKey("shop", "frozen");
		const first = Date.now();
		const record = (cycle: number) =>
			sink.record([tracked(qos(QOS), { evaluation: { observedAt: first + cycle, workload } })]);
		record(0);
		await done(1);
		stage.mlflow.freeze();
		try {
			const before = performance.now();
			for (let cycle = 1; cycle <= 8; cycle++) record(cycle);
			expect(performance.now() - before).toBeLessThan(200);
			await waitFor(async () => told.log.length > 0, { what: "a line", timeoutMs: 10_000 });
			await sleep(2000);
		} finally {
			stage.mlflow.thaw();
		}
		await done(9, 60_000);
		expect(told.log).toEqual([
			expect.stringMatching(/^predictions cannot be saved: MLflow at .* gave no answer within 1 s/),
			"predictions are saved again",
		]);
		expect(told.ended.filter((result) => result === "reactive dropped")).toHaveLength(3);
		await waitFor(async () => (await runsOf("frozen")).every(({ status }) => status !== "RUNNING"), {
			what: "no run left running",
			timeoutMs: 10_000,
		});
		const finished = (await runsOf("frozen")).filter(({ status }) => status === "FINISHED");
		expect(finished.map(({ startTime }) => (startTime ?? 0) - first)).toEqual([8, 7, 6, 5, 4, 0]);
	});

	test("a run that was begun and then dropped is ended", async () => {
		const failing = new Set<string>();
		async function forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk);
			const path = request.url ?? "";
			if ([...failing].some((call) => path.endsWith(call))) return void response.writeHead(500).end();
			const headers = { "content-type": "application/json" };
			const body = request.method === "GET" ? {} : { body: Buffer.concat(chunks) };
			const answer = await fetch(stage.mlflow.url + path, { method: request.method ?? "GET", headers, ...body });
			response.writeHead(answer.status, headers).end(await answer.text());
		}
		const proxy = http.createServer((request, response) => {
			forward(request, response).catch(() => response.destroy());
		});
		proxy.listen(0, "127.0.0.1");
		await once(proxy, "listening");
		closing.push(() => proxy.close());
		const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
		const { sink, told, done } = sinkTo(address, { layouts: ["reactive"], queueLimit: 1 });
		const workload = workloadKey("shop", "begun");
		failing.add("/runs/log-batch");
		sink.record([tracked(qos(QOS), { evaluation: { observedAt: 1000, workload } })]);
		await waitFor(async () => told.log.length > 0, { what: "a line", timeoutMs: 10_000 });
		sink.record([tracked(qos(QOS), { evaluation: { observedAt: 2000, workload } })]);
		failing.clear();
		await done(2);
		expect(told.ended).toEqual(["reactive dropped", "reactive saved"]);
		const states = async () => (await runsOf("begun")).map(({ startTime, status }) => `${startTime} ${status}`);
		await waitFor(async () => (await states()).join() === "2000 FINISHED,1000 KILLED", {
			what: "the dropped run's end",
			timeoutMs: 10_000,
		});
	});

	test("a deleted experiment: its runs are refused in one line", async () => {
		const client = clientOf(stage.mlflow.url);
		const id = await client.createExperiment("deleted");
		const body = JSON.stringify({ experiment_id: id });
		const headers = { "content-type": "application/json" };
		await fetch(`${stage.mlflow.url}/api/2.0/mlflow/experiments/delete`, { method: "POST", body, headers });
		const { sink, told, done } = sinkTo(stage.mlflow.url, { layouts: ["reactive"] });
		const workload = workloadKey("shop", "deleted");
		sink.record([tracked(qos(QOS), { evaluation: { workload } }), tracked(qos(QOS), { evaluation: { workload } })]);
		await done(2);
		expect(told.ended).toEqual(["reactive refused", "reactive refused"]);
		expect(told.log).toEqual([expect.stringMatching(/experiment deleted was deleted in MLflow; restore it/)]);
	});
});
