import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import { metricCatalogue } from "../../src/config/catalogue.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import type { ProgramExit } from "../cluster/cluster.ts";
import { clusterFolders } from "./cgroups.ts";
import { startRealCluster } from "./cluster.ts";
import { cgroupTrees } from "./computer.ts";
import { leftBehind } from "./left-behind.ts";
import { burner, loadGenerator, server, service } from "./pods.ts";
import { whyNoRealNodes } from "./requirements.ts";
import type { RealCluster } from "./types.ts";
import { writeImage } from "./workloads/image.ts";
import { buildWorkload } from "./workloads/program.ts";

const lacks = await whyNoRealNodes();

const SPEEDS = { "node-1": 0.8, "node-2": 0.4, "node-3": 0.2 } as const;
const NODES = Object.keys(SPEEDS) as (keyof typeof SPEEDS)[];
/** A CPU that others use as well gives a machine less than its quota, never more. */
const TOLERANCE = 1.08;

describe.skipIf(lacks !== "")("real nodes", () => {
	const exits: ProgramExit[] = [];
	let cluster: RealCluster;
	let folder: string;
	let abandoned: readonly string[] = [];

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "real-nodes-"));
		const archive = join(folder, "workload.tar");
		await writeImage(await buildWorkload(new AbortController().signal), archive);
		abandoned = await abandonCgroups();
		cluster = await startRealCluster({ images: [archive], onExit: (exit) => void exits.push(exit) });
		await cluster.kubectl(["apply", "-f", "-"], NODES.flatMap((node) => [server(node), burner(node)]).join("---\n"));
		await cluster.kubectl(["wait", "pods", "--all", "--for=condition=Ready", "--timeout=60s"]);
	});

	afterAll(async () => {
		await cluster?.stop();
		await rm(folder, { recursive: true, force: true });
	});

	test("are Ready, and pods may ask for what their speed gives", async () => {
		const path = '{range .items[*]}{.metadata.name}={.status.allocatable.cpu}{"\\n"}{end}';
		const text = await cluster.kubectl(["get", "nodes", "-o", `jsonpath=${path}`]);
		expect(text.trim().split("\n")).toEqual(["node-1=800m", "node-2=400m", "node-3=200m"]);
	});

	test("the groups of an owner that has gone were removed", () => {
		expect(abandoned.filter((group) => existsSync(group))).toEqual([]);
	});

	test("real processes get the CPU time of their node's speed, and Prometheus tells so", async () => {
		const used = await vi.waitFor(
			async () => {
				const rates = await Promise.all(NODES.map((node) => burnt(node)));
				// Rates of processes that have just begun are of a part of the window only.
				for (const [index, node] of NODES.entries()) expect(rates[index], node).toBeGreaterThan(0.7 * SPEEDS[node]);
				return rates;
			},
			{ timeout: 60_000, interval: 1000 },
		);
		for (const [index, node] of NODES.entries()) expect(used[index], node).toBeLessThan(SPEEDS[node] * TOLERANCE);
		expect(used.toSorted((left, right) => right - left)).toEqual(used);
		expect(Math.max(...used) / Math.min(...used)).toBeGreaterThan(2);
	});

	test("the shipped catalogue reads nodes, containers and apps", async () => {
		const catalogue = metricCatalogue.parse(undefined);
		const source = new PrometheusMetricsSource({
			client: new PrometheusClient({ url: cluster.prometheusUrl, timeout: 5 }),
			catalogue,
			stepSeconds: 5,
			resolvePod: (namespace, pod) => ({ workload: `${namespace}/${pod}` }),
		});
		const load = setInterval(() => void Promise.allSettled(NODES.map((node) => ask(node))), 500);
		try {
			await vi.waitFor(
				async () => {
					const now = Date.now();
					const { samples, failures } = await source.collect(6, now);
					expect(failures).toEqual([]);
					const store = new MetricStore(catalogue, { steps: 6, stepSeconds: 5 });
					store.ingest(samples, now);
					const latest = (metric: string, entity: string): number => {
						const value = store.latest(metric, entity, now);
						if (!value.known) throw new Error(`${metric} of ${entity}: ${value.reason}`);
						return value.value;
					};
					for (const node of NODES) {
						expect(latest("node_cpu_usage", node)).toBeGreaterThan(0.5 * SPEEDS[node]);
						expect(latest("node_cpu_usage", node)).toBeLessThan(SPEEDS[node] * TOLERANCE);
						expect(latest("node_memory_usage", node)).toBeGreaterThan(1e6);
						expect(latest("node_network_usage", node)).toBeGreaterThan(0);
						expect(latest("workload_cpu_usage", `default/burn-${node}`)).toBeGreaterThan(0);
						expect(latest("request_rate", `default/serve-${node}`)).toBeGreaterThan(0);
						expect(latest("latency", `default/serve-${node}`)).toBeGreaterThan(0.001);
					}
				},
				{ timeout: 60_000, interval: 2000 },
			);
		} finally {
			clearInterval(load);
		}
	});

	test("pods are reached from here and from the API server, and their logs and commands through their kubelets", async () => {
		for (const node of NODES) {
			await ask(node, "ready");
			const proxy = `/api/v1/namespaces/default/pods/serve-${node}:8080/proxy/ready`;
			await expect(cluster.kubectl(["get", "--raw", proxy])).resolves.toBe("");
			await expect(cluster.kubectl(["logs", `serve-${node}`])).resolves.toBe("");
		}
	});

	test("pods reach the API server as the Service kubernetes, and pods of other nodes", async () => {
		await cluster.kubectl([
			"create",
			"clusterrolebinding",
			"load",
			"--clusterrole=view",
			"--serviceaccount=default:default",
		]);
		const token = (await cluster.kubectl(["create", "token", "default"])).trim();
		await cluster.kubectl(["apply", "-f", "-"], [service(), loadGenerator("node-1", token)].join("---\n"));
		await vi.waitFor(async () => {
			for (const node of NODES) expect(await served(node), node).toBeGreaterThan(0);
		}, WAIT);
		await cluster.kubectl(["delete", "pod/load", "--wait=false"]);
	});

	test("a node that is slowed down is slower, and as fast as before when that is taken back", async () => {
		await cluster.setSpeed("node-1", 0.2);
		expect(cluster.nodes[0]?.speed).toBe(0.2);
		await vi.waitFor(async () => expect(await burnt("node-1")).toBeLessThan(0.2 * TOLERANCE), WAIT);
		await cluster.setSpeed("node-1", SPEEDS["node-1"]);
		await vi.waitFor(async () => expect(await burnt("node-1")).toBeGreaterThan(0.2 * TOLERANCE), WAIT);
		await expect(cluster.setSpeed("node-9", 1)).rejects.toThrow("no node node-9: there are node-1, node-2, node-3");
	});

	test("pods outlive the API server, and Prometheus that is frozen answers nothing", async () => {
		const ip = await podIp("node-1");
		await cluster.stopProgram("kube-apiserver");
		await askAt(ip, "ready");
		await cluster.startProgram("kube-apiserver");
		await cluster.kubectl(["wait", "nodes", "--all", "--for=condition=Ready", "--timeout=30s"]);
		await cluster.freezeProgram("prometheus");
		// The signal is on its way while the first question is asked.
		await vi.waitFor(() => expect(burnt("node-1", 1000)).rejects.toThrow("timeout"), WAIT);
		await cluster.thawProgram("prometheus");
		await vi.waitFor(() => burnt("node-1"), WAIT);
		expect(exits).toEqual([]);
	});

	test("stopped, nothing of it is left", async () => {
		await cluster.stop();
		const { dir, hostAddress } = cluster;
		expect(await leftBehind({ owner: process.pid, dir, isTemporary: true, hostAddress })).toEqual([]);
	});

	function podIp(node: string): Promise<string> {
		return cluster.kubectl(["get", "pod", `serve-${node}`, "-o", "jsonpath={.status.podIP}"]);
	}

	/** The body of an answer of the node's server. */
	async function ask(node: string, path = ""): Promise<string> {
		return askAt(await podIp(node), path);
	}

	/** Requests that the node's server has answered. */
	async function served(node: string): Promise<number> {
		return Number(/^http_request_duration_seconds_count (\d+)$/m.exec(await ask(node, "metrics"))?.[1]);
	}

	/** CPUs that the node's burner uses. */
	async function burnt(node: string, timeoutMs = 5000): Promise<number> {
		const query = `rate(container_cpu_usage_seconds_total{pod="burn-${node}",node="${node}",container="app"}[8s])`;
		const url = `${cluster.prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`;
		const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
		const { data } = queryAnswer.parse(await response.json());
		return Number(data.result[0].value[1]);
	}
});

const WAIT = { timeout: 40_000, interval: 500 };

const queryAnswer = z.object({
	data: z.object({ result: z.tuple([z.object({ value: z.tuple([z.number(), z.string()]) })]) }),
});

async function askAt(ip: string, path: string): Promise<string> {
	const response = await fetch(`http://${ip}:8080/${path}`, { signal: AbortSignal.timeout(5000) });
	if (!response.ok) throw new Error(`${ip}: ${response.status}`);
	return response.text();
}

/** Groups as a process leaves them behind that was killed together with all that would have removed them. */
async function abandonCgroups(): Promise<readonly string[]> {
	const trees = cgroupTrees(readFileSync("/proc/self/mounts", "utf8"));
	if (trees === undefined) return [];
	// No process has this number.
	const cgroups = { trees, name: "kubectl-qos-4194304-1-1" };
	for (const folder of clusterFolders(cgroups)) await mkdir(join(folder, "node-1", "pods"), { recursive: true });
	return clusterFolders(cgroups);
}
