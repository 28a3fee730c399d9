import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { KubernetesJobStore } from "../../src/adapters/kubernetes/job-store.ts";
import { PolicyStatusWriter } from "../../src/adapters/kubernetes/policy-status-writer.ts";
import { type Report, ReportWriter } from "../../src/adapters/kubernetes/report-writer.ts";
import { resourcePath } from "../../src/api/v1alpha1/group.ts";
import { parseReport } from "../../src/api/v1alpha1/report.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { policy } from "../unit/cluster-core/builders.ts";
import { candidate, candidateTable } from "../unit/recommendation/builders.ts";
import { asController, eventually, RecordingLog, startInstalled } from "./kubernetes-support.ts";

let cluster: Cluster;
let connection: KubernetesConnection;
let caches: KubernetesCluster;
let now = Date.UTC(2026, 0, 1);
const log = new RecordingLog();
const clock = () => now;

beforeAll(async () => {
	cluster = await startInstalled();
	connection = await asController(cluster);
	// Watches of kinds that were installed a moment ago may be lost once, which is not what these tests look at.
	caches = new KubernetesCluster(connection, new RecordingLog());
	caches.start();
	await eventually(() => caches.ready() || undefined);
	await cluster.kubectl(["create", "namespace", "shop"]);
	await cluster.kubectl(["create", "deployment", "api", "--image=x", "-n", "shop"]);
	await eventually(() => caches.state().workloads.get("shop/api"));
});

afterAll(async () => {
	await caches?.stop();
	connection?.close();
	await cluster?.stop();
});

function report(predicted: number | undefined): Report {
	const prediction =
		predicted === undefined ? undefined : { value: predicted, lower: predicted / 2, upper: predicted * 2 };
	return {
		evaluation: {
			workload: "shop/api",
			policy: "fast",
			observedAt: now,
			dataAgeSeconds: 12,
			model: { name: "headroom", version: "1", sha256: "ab" },
			current: {
				node: "node-1",
				domain: "node-1",
				measured: { known: true, value: 0.25, at: now },
				predicted: prediction,
			},
			recommended: undefined,
			decision: { action: "Stay", reason: "AlreadyBest", message: "node-1 is the best node" },
			candidates: candidateTable([candidate("node-1", prediction)]),
		},
		context: {
			unit: "seconds",
			policy: policy({
				objective: { metric: "latency", direction: "Minimize", target: 0.2, horizonSeconds: 300, aggregate: "Mean" },
			}),
		},
	};
}

async function storedReport() {
	const parsed = parseReport(await connection.request({ path: resourcePath("QoSReport", "shop", "api") }));
	if (!parsed.ok) throw new Error(parsed.message);
	return parsed.value.status;
}

describe("ReportWriter", () => {
	it("creates, then writes only what is news or due", async () => {
		const writer = new ReportWriter({ connection, cluster: caches, clock, log });
		expect(await writer.write([report(0.1)])).toBe(1);
		await eventually(() => caches.reports().get("shop/api"));
		const owners = await cluster.kubectl([
			"get",
			"qosr",
			"api",
			"-n",
			"shop",
			"-o",
			"jsonpath={.metadata.ownerReferences[*].name}",
		]);
		expect(owners).toBe("api");
		expect(await cluster.kubectl(["get", "qosr", "api", "-n", "shop"])).toMatch(/node-1 +0\.25 +0\.1 +seconds/);

		now += 5000;
		expect(await writer.write([report(0.101)])).toBe(0);
		expect(await writer.write([report(0.2)])).toBe(1);
		expect((await storedReport())?.current.predicted?.value).toBe(0.2);
		now += 60_000;
		expect(await writer.write([report(0.2)])).toBe(1);
		expect((await storedReport())?.observedAt).toBe(new Date(now).toISOString());
	});

	it("removes what became unknown", async () => {
		const writer = new ReportWriter({ connection, cluster: caches, clock, log });
		expect(await writer.write([report(undefined)])).toBe(1);
		expect(await storedReport()).toMatchObject({ current: { node: "node-1", measured: 0.25 } });
		expect((await storedReport())?.current.predicted).toBeUndefined();
	});

	it("writes none for a Deployment that is gone, and deletes those that are not governed", async () => {
		const writer = new ReportWriter({ connection, cluster: caches, clock, log });
		const gone = report(0.1);
		expect(await writer.write([{ ...gone, evaluation: { ...gone.evaluation, workload: "shop/gone" } }])).toBe(0);
		await writer.prune(new Set(["shop/api"]));
		expect(await storedReport()).toBeDefined();
		await writer.prune(new Set());
		await eventually(() => (caches.reports().size === 0 ? true : undefined));
		expect(await writer.write([report(0.1)])).toBe(1);
		expect(log.lines).toEqual([]);
	});
});

describe("KubernetesJobStore", () => {
	it("writes a status that is read back, without leftovers of the run before", async () => {
		const store = new KubernetesJobStore({ connection, cluster: caches, log });
		const spec = { action: "Predict", interval: "1m" };
		const body = {
			apiVersion: "kubectl-qos.dev/v1alpha1",
			kind: "QoSJob",
			metadata: { name: "j", namespace: "shop" },
			spec,
		};
		await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(body));
		const job = await eventually(() => [...store.jobs()].find(({ name }) => name === "j"));
		const failed = { startedAt: now, durationSeconds: 1.5, result: "Failed", message: "no model" } as const;
		await store.recordStatus(job, { lastRun: failed, nextRun: now + 60_000 });
		const seen = await eventually(() => [...store.jobs()].find(({ status }) => status.lastRun?.result === "Failed"));
		expect(seen.status).toEqual({ lastRun: failed, nextRun: now + 60_000 });
		const running = { startedAt: now + 60_000, durationSeconds: undefined, result: undefined, message: undefined };
		await store.recordStatus(job, { lastRun: running, nextRun: undefined });
		await eventually(() => [...store.jobs()].find(({ status }) => status.lastRun?.startedAt === now + 60_000));
		expect([...store.jobs()].find(({ name }) => name === "j")?.status).toEqual({
			lastRun: running,
			nextRun: undefined,
		});
		await expect(store.recordStatus({ ...job, name: "gone" }, seen.status)).resolves.toBeUndefined();
		expect(log.lines).toEqual([]);
	});

	it("creates a job once", async () => {
		const store = new KubernetesJobStore({ connection, cluster: caches, log });
		const job = { namespace: "kubectl-qos-system", name: "predict", action: "Predict", intervalSeconds: 60 } as const;
		await store.create(job);
		await store.create({ ...job, intervalSeconds: 1 });
		const made = await eventually(() => [...store.jobs()].find(({ name }) => name === "predict"));
		expect(made).toMatchObject({ action: "Predict", schedule: { kind: "Interval", seconds: 60 }, suspend: false });
		expect(log.lines).toEqual([]);
	});
});

describe("PolicyStatusWriter", () => {
	it("writes conditions when they change and keeps the time of the last transition", async () => {
		const spec = { workloadSelector: {}, objective: { metric: "latency", direction: "Minimize" } };
		const body = {
			apiVersion: "kubectl-qos.dev/v1alpha1",
			kind: "QoSPolicy",
			metadata: { name: "p", namespace: "shop" },
			spec,
		};
		await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(body));
		const policy = await eventually(() => caches.state().policies.get("shop/p"));
		const version = () =>
			cluster.kubectl(["get", "qosp", "p", "-n", "shop", "-o", "jsonpath={.metadata.resourceVersion}"]);
		const refused = { type: "Ready", status: "False", reason: "ModelRefused", message: "no such model" } as const;
		await new PolicyStatusWriter({ connection, clock, log }).write(policy, [refused]);
		const first = await version();
		now += 60_000;
		const writer = new PolicyStatusWriter({ connection, clock, log });
		for (let time = 0; time < 3; time++) await writer.write(policy, [refused]);
		expect(await version()).toBe(first);
		await writer.write(policy, [{ ...refused, message: "another text" }]);
		const time = "jsonpath={.status.conditions[0].lastTransitionTime}";
		expect(Date.parse(await cluster.kubectl(["get", "qosp", "p", "-n", "shop", "-o", time]))).toBe(now - 60_000);
		await writer.write(policy, [{ type: "Ready", status: "True", reason: "InForce", message: "" }]);
		expect(Date.parse(await cluster.kubectl(["get", "qosp", "p", "-n", "shop", "-o", time]))).toBe(now);
		expect(await cluster.kubectl(["get", "qosp", "p", "-n", "shop"])).toMatch(/True +InForce/);
		await expect(writer.write({ ...policy, name: "gone" }, [refused])).resolves.toBeUndefined();
		expect(log.lines.map((line) => line.split(" {")[0])).toEqual([
			"policy is not in force",
			"policy is not in force",
			"policy is not in force",
			"policy is in force again",
			"policy is not in force",
		]);
	});
});
