import { statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Cluster, type ProgramExit, startCluster } from "../cluster/cluster.ts";
import { STARTUP_ANNOTATION } from "../cluster/stages.ts";

const STARTUP_SECONDS = 2;
const exits: ProgramExit[] = [];
let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({
		nodes: 2,
		containerStartupSeconds: STARTUP_SECONDS,
		onExit: (exit) => void exits.push(exit),
	});
});

afterAll(async () => {
	await cluster.stop();
	expect(() => statSync(cluster.dir), "the temporary folder is removed").toThrow("ENOENT");
});

const podsSchema = z.object({
	items: z.array(
		z.object({
			metadata: z.object({ creationTimestamp: z.coerce.date() }),
			spec: z.object({ nodeName: z.string() }),
			status: z.object({
				conditions: z.array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.coerce.date() })),
			}),
		}),
	),
});

async function pods(selector: string): Promise<{ node: string; ready: boolean; startupMs: number }[]> {
	const { items } = podsSchema.parse(JSON.parse(await cluster.kubectl(["get", "pods", "-l", selector, "-o", "json"])));
	return items.map(({ metadata, spec, status }) => {
		const ready = status.conditions.find((condition) => condition.type === "Ready");
		const startupMs = (ready?.lastTransitionTime.getTime() ?? 0) - metadata.creationTimestamp.getTime();
		return { node: spec.nodeName, ready: ready?.status === "True", startupMs };
	});
}

test("containers are ready after their start-up time, on the nodes that the real scheduler chose", async () => {
	await cluster.kubectl(["create", "deployment", "web", "--image=web", "--replicas=2"]);
	await cluster.kubectl(["rollout", "status", "deployment/web", "--timeout=30s"]);
	const found = await pods("app=web");
	expect(found.map((pod) => pod.node).sort()).toEqual(["node-1", "node-2"]);
	for (const pod of found) expect(pod.startupMs).toBeGreaterThanOrEqual(STARTUP_SECONDS * 1000);
});

test("a pod with a start-up time of its own takes that long", async () => {
	const overrides = { metadata: { annotations: { [STARTUP_ANNOTATION]: "1h" } } };
	await cluster.kubectl(["run", "slow", "--image=slow", `--overrides=${JSON.stringify(overrides)}`]);
	const waiting = cluster.kubectl(["wait", "pod/slow", "--for=condition=Ready", `--timeout=${STARTUP_SECONDS + 1}s`]);
	await expect(waiting).rejects.toThrow("timed out");
	await cluster.kubectl(["delete", "pod/slow", "--timeout=10s"]);
});

test("a killed node becomes NotReady and its pods with it; revived, both come back", async () => {
	const readyOnFirst = async (): Promise<boolean[]> =>
		(await pods("app=web")).filter((pod) => pod.node === "node-1").map((pod) => pod.ready);
	await cluster.kill("node-1");
	expect(await cluster.kubectl(["get", "node/node-1", "-o", "jsonpath={.spec.taints[*].key}"])).toContain(
		"node.kubernetes.io/unreachable",
	);
	await vi.waitFor(async () => expect(await readyOnFirst()).toEqual([false]), { timeout: 10_000, interval: 200 });
	await cluster.revive("node-1");
	await vi.waitFor(async () => expect(await readyOnFirst()).toEqual([true]), { timeout: 10_000, interval: 200 });
});

test("a cordoned node gets no pods until it is uncordoned", async () => {
	await cluster.cordon("node-1");
	await cluster.kubectl(["create", "deployment", "cordoned", "--image=web", "--replicas=3"]);
	await cluster.kubectl(["rollout", "status", "deployment/cordoned", "--timeout=30s"]);
	expect(new Set((await pods("app=cordoned")).map((pod) => pod.node))).toEqual(new Set(["node-2"]));
	await cluster.uncordon("node-1");
	expect(await cluster.kubectl(["get", "node/node-1", "-o", "jsonpath={.spec.unschedulable}"])).toBe("");
});

test("nodes are added with their labels, capacity and taints", async () => {
	await cluster.addNodes([
		{
			name: "edge-1",
			labels: { tier: "edge" },
			capacity: { cpu: "2", memory: "4Gi", pods: "10" },
			taints: [{ key: "edge", effect: "NoSchedule" }],
		},
	]);
	const path = "{.metadata.labels.tier} {.status.allocatable} {.spec.taints[*].key}";
	const text = await cluster.kubectl(["get", "node/edge-1", "-o", `jsonpath=${path}`]);
	expect(text).toBe('edge {"cpu":"2","memory":"4Gi","pods":"10"} edge');
	await expect(cluster.addNodes([{ name: "edge-1" }])).rejects.toThrow('nodes "edge-1" already exists');
});

test("the kubeconfig is the user's alone, acts as admin and can act as others", async () => {
	expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
	expect(await cluster.kubectl(["auth", "can-i", "*", "*"])).toBe("yes\n");
	const asNobody = cluster.kubectl(["get", "pods", "--as=nobody"]);
	await expect(asNobody).rejects.toThrow('User "nobody" cannot list resource "pods"');
});

const queryAnswer = z.object({
	data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

async function query(promql: string): Promise<string[]> {
	const response = await fetch(`${cluster.prometheusUrl}/api/v1/query?query=${encodeURIComponent(promql)}`);
	return queryAnswer.parse(await response.json()).data.result.map(({ value }) => value[1]);
}

test("Prometheus scrapes what it is told to, and again after it was killed", async () => {
	await cluster.scrape([{ job: "self", address: new URL(cluster.prometheusUrl).host, labels: { world: "none" } }]);
	const isUp = async (): Promise<void> => expect(await query('up{job="self", world="none"}')).toEqual(["1"]);
	await vi.waitFor(isUp, { timeout: 15_000, interval: 200 });
	await cluster.stopProgram("prometheus");
	await expect(query("up")).rejects.toThrow("fetch failed");
	await cluster.startProgram("prometheus");
	await vi.waitFor(isUp, { timeout: 15_000, interval: 200 });
	expect(exits).toEqual([]);
});

test("a frozen API server does not answer, and does once it is thawed", async () => {
	await cluster.freezeProgram("kube-apiserver");
	const frozen = cluster.kubectl(["get", "nodes", "--request-timeout=1s"]);
	await expect(frozen).rejects.toThrow(/timeout|deadline/i);
	await cluster.thawProgram("kube-apiserver");
	expect(await cluster.kubectl(["get", "nodes", "-o", "name"])).toContain("node/node-2");
});

test("the API server can be killed and started again with its data", async () => {
	await cluster.stopProgram("kube-apiserver");
	await expect(cluster.kubectl(["get", "nodes"])).rejects.toThrow("refused");
	await cluster.startProgram("kube-apiserver");
	expect(await cluster.kubectl(["get", "deployments", "-o", "name"])).toContain("deployment.apps/web");
});

test("clusters run side by side, and the death of a program is told with its last log lines", async () => {
	const told: ProgramExit[] = [];
	const other = await startCluster({ prometheus: false, onExit: (exit) => void told.push(exit) });
	try {
		expect(await other.kubectl(["get", "nodes", "-o", "name"])).toBe("");
		await other.stopProgram("etcd");
		await rm(join(other.dir, "etcd"), { recursive: true });
		await writeFile(join(other.dir, "etcd"), "not a folder");
		await other.startProgram("etcd").catch(() => undefined);
		await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000, interval: 100 });
		expect(told[0]).toMatchObject({ program: "etcd", code: 1, lastLines: expect.stringContaining("not a directory") });
	} finally {
		await other.stop();
	}
	expect(exits).toEqual([]);
});

test("a start that fails says which program and why, and leaves nothing behind", async () => {
	const starting = startCluster({ prometheus: false, apiServerFlags: ["--no-such-flag"] });
	await expect(starting).rejects.toThrow(/^kube-apiserver ended with code 1.*unknown flag: --no-such-flag/s);
});

test("a folder with files of the user's is not touched", async () => {
	const dir = await mkdtemp(join(tmpdir(), "not-a-cluster-"));
	await writeFile(join(dir, "thesis.txt"), "years of work");
	await expect(startCluster({ dir })).rejects.toThrow("name a new or an empty folder");
	expect(statSync(join(dir, "thesis.txt")).size).toBe(13);
	await rm(dir, { recursive: true });
});
