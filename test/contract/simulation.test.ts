import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startWorld, type World } from "../../simulation/world.ts";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import { metricCatalogue } from "../../src/config/catalogue.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";

const STEP_SECONDS = 1;
const STEPS = 10;
const NOISE = 0.03;
const CART = "shop/cart";

const deployment = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "cart", namespace: "shop" },
	spec: {
		replicas: 1,
		selector: { matchLabels: { app: "cart" } },
		template: {
			metadata: { labels: { app: "cart" } },
			spec: {
				nodeSelector: { "kubernetes.io/hostname": "node-1" },
				containers: [{ name: "app", image: "none" }],
			},
		},
	},
};

/** Polls until a value is there; the last one fails the test with what it was. */
async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, what: string): Promise<T> {
	const deadline = Date.now() + 30_000;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > deadline) throw new Error(`waited 30 s for ${what}`);
		await sleep(200);
	}
}

describe("a world around a real cluster, seen through a real Prometheus and the shipped catalogue", () => {
	const catalogue = metricCatalogue.parse(undefined);
	let cluster: Cluster;
	let world: World;
	let source: PrometheusMetricsSource;
	let store: MetricStore;
	let pods: ReadonlySet<string> = new Set();

	beforeAll(async () => {
		cluster = await startCluster({ nodes: 3, scrapeIntervalSeconds: 0.5 });
		world = await startWorld({
			kubeconfig: cluster.kubeconfig,
			world: {
				noise: { latency: NOISE, load: 0, period: "1s" },
				nodes: { "node-1": { background: 4 }, "node-2": { speed: 2, background: 1 } },
				apps: { cart: { serviceTime: "50ms", arrivalRate: 20, fps: { target: 30 } } },
			},
		});
		await cluster.scrape([{ job: "world", address: world.address }]);
		await cluster.kubectl(["create", "namespace", "shop"]);
		await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(deployment));
		source = new PrometheusMetricsSource({
			client: new PrometheusClient({ url: cluster.prometheusUrl, timeout: 5 }),
			catalogue,
			stepSeconds: STEP_SECONDS,
			resolvePod: (namespace, pod) => (pods.has(`${namespace}/${pod}`) ? { workload: CART } : undefined),
		});
		store = new MetricStore(catalogue, { steps: STEPS, stepSeconds: STEP_SECONDS });
	});

	afterAll(async () => {
		await world?.stop();
		await cluster?.stop();
	});

	/** Collects once, and gives the newest values by metric. */
	async function collect(entity: string): Promise<Record<string, number | string>> {
		const list = await cluster.kubectl(["get", "pods", "-n", "shop", "-o", "name"]);
		pods = new Set(list.split("\n").map((line) => line.replace("pod/", "shop/")));
		const now = Date.now();
		const collection = await source.collect(STEPS * STEP_SECONDS, now);
		expect(collection.failures).toEqual([]);
		store.ingest(collection.samples, now);
		return Object.fromEntries(
			catalogue.map(({ name }) => {
				const newest = store.latest(name, entity, now);
				return [name, newest.known ? newest.value : newest.reason];
			}),
		);
	}

	/** Waits until the app is where it should be and measured there for longer than a rate looks back. */
	async function settledOn(node: string): Promise<void> {
		await eventually(() => {
			const nodes = world.truth(CART)?.nodes ?? [];
			return nodes.length === 1 && nodes[0] === node ? true : undefined;
		}, `the pod to serve on ${node}`);
		await sleep(1000 * (2 * STEP_SECONDS + 2));
	}

	/** Mean of the measured latency over the known steps since a time. */
	async function measuredSince(since: number): Promise<number> {
		await sleep(4000);
		await collect(CART);
		const values = store.since("latency", CART, since, Date.now());
		expect(values.length).toBeGreaterThanOrEqual(3);
		return values.reduce((sum, value) => sum + value, 0) / values.length;
	}

	test("the measured latency is the true one within the noise", async () => {
		await settledOn("node-1");
		const truth = world.truth(CART)?.current;
		expect(truth?.latency).toBeCloseTo(0.001 + 0.05 / (1 - 5 / 8), 6);
		const measured = await measuredSince(Date.now());
		expect(Math.abs(measured / (truth?.latency ?? 0) - 1)).toBeLessThan(4 * NOISE);
	});

	/** A busy machine scrapes late now and then, which bends the rates of that moment. */
	async function soon(expectations: () => Promise<void>): Promise<void> {
		await vi.waitFor(expectations, { timeout: 15_000, interval: 500 });
	}

	async function expectEveryMetric(): Promise<void> {
		const app = await collect(CART);
		expect(app["request_rate"]).toBeCloseTo(20, 0);
		expect(app["workload_cpu_usage"]).toBeCloseTo(1, 1);
		expect(app["fps"]).toBeGreaterThan(5);
		expect(app["fps"]).toBeLessThan(10);
		const node = await collect("node-1");
		expect(node["node_cpu_usage"]).toBeCloseTo(5, 1);
		expect(node["node_memory_usage"]).toBeCloseTo(0.05 * 32 * 2 ** 30 + 128 * 2 ** 20, -3);
		expect(node["node_disk_usage"]).toBeCloseTo(1e5, -4);
		expect(node["node_network_usage"]).toBeCloseTo(1e5 + 20 * 10_000, -4);
		expect(node["node_power"]).toBeCloseTo(50 + (150 * 5) / 8, 0);
		const idle = await collect("node-3");
		expect(idle["node_cpu_usage"]).toBe(0);
	}

	async function expectCpuUsage(node: string, cores: number): Promise<void> {
		await soon(async () => expect((await collect(node))["node_cpu_usage"]).toBeCloseTo(cores, 1));
	}

	test("every shipped metric has a value, the right one", () => soon(expectEveryMetric));

	test("latency follows the pod to another node, as was promised for it", async () => {
		const promised = world.truth(CART)?.onNode.get("node-2")?.latency ?? 0;
		expect(promised).toBeCloseTo(0.001 + 0.025 / (1 - 1.5 / 8), 6);
		const patch = { spec: { template: { spec: { nodeSelector: { "kubernetes.io/hostname": "node-2" } } } } };
		await cluster.kubectl(["patch", "deployment", "cart", "-n", "shop", "--type=merge", "-p", JSON.stringify(patch)]);
		await settledOn("node-2");
		const measured = await measuredSince(Date.now());
		expect(Math.abs(measured / promised - 1)).toBeLessThan(4 * NOISE);
		await expectCpuUsage("node-1", 4);
	});

	test("a neighbour that arrives now is felt now, and a patch that is not valid changes nothing", async () => {
		const before = world.truth(CART)?.current?.latency ?? 0;
		expect(() => world.update({ nodes: { "node-2": { background: -1 } } })).toThrow("nodes.node-2.background");
		expect(world.truth(CART)?.current?.latency).toBe(before);
		world.update({ nodes: { "node-2": { background: 6 } } });
		expect(world.truth(CART)?.current?.latency).toBeCloseTo(0.001 + 0.025 / (1 - 6.5 / 8), 6);
		await sleep(1000 * (2 * STEP_SECONDS + 1));
		expect(await measuredSince(Date.now())).toBeGreaterThan(2 * before);
	});

	test("a node that goes down takes its series and those of its pods with it", async () => {
		world.update({ nodes: { "node-2": { down: true } } });
		expect(world.truth(CART)?.current).toBeUndefined();
		await sleep(1000 * (2 * STEP_SECONDS + 3));
		expect(await collect(CART)).toMatchObject({ latency: "Stale", request_rate: "Stale", workload_cpu_usage: "Stale" });
		expect(await collect("node-2")).toMatchObject({ node_cpu_usage: "Stale", node_memory_usage: "Stale" });
		await expectCpuUsage("node-1", 4);
	});
});

describe("a start that fails", () => {
	const kubeconfig = join(mkdtempSync(join(tmpdir(), "world-")), "kubeconfig");

	beforeAll(() => {
		const clusters = [{ name: "none", cluster: { server: "https://127.0.0.1:3" } }];
		const contexts = [{ name: "none", context: { cluster: "none", user: "none" } }];
		const users = [{ name: "none", user: {} }];
		writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users, "current-context": "none" }));
	});

	afterAll(() => rmSync(dirname(kubeconfig), { recursive: true }));

	test("names the kubeconfig that cannot be read", async () => {
		await expect(startWorld({ world: {}, kubeconfig: "/none" })).rejects.toThrow("/none");
	});

	test("names the API server that is not there", async () => {
		await expect(startWorld({ world: {}, kubeconfig })).rejects.toThrow("https://127.0.0.1:3");
	});

	test("names the world file that cannot be read", async () => {
		await expect(startWorld({ file: "/none.yaml", kubeconfig })).rejects.toThrow("/none.yaml: cannot be read (ENOENT)");
	});
});
