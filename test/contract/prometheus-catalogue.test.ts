import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import { metricCatalogue } from "../../src/config/catalogue.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";

/** Labels that kube-prometheus-stack gives to the series of node_exporter: no node name, but an address. */
const EXPORTER =
	'container="node-exporter",endpoint="http-metrics",instance="10.0.0.5:9100",job="node-exporter",namespace="monitoring",pod="exporter-x",service="exporter"';
/** And to those of cAdvisor. */
const CADVISOR =
	'endpoint="https-metrics",instance="10.0.0.5:10250",job="kubelet",metrics_path="/metrics/cadvisor",node="worker-1",service="kubelet"';
/** And to those of the kubelet's own page, which says once more what containers use. */
const RESOURCE = CADVISOR.replace("/metrics/cadvisor", "/metrics/resource");
const APP =
	'container="app",endpoint="web",instance="10.1.0.7:8080",job="cart",namespace="shop",pod="cart-1",service="cart"';

/** What the exporters of one node show `t` seconds after its start; every rate is a round number. */
function page(t: number): string {
	return [
		`node_uname_info{domainname="(none)",machine="x86_64",nodename="worker-1",sysname="Linux",${EXPORTER}} 1`,
		...[0, 1].flatMap((cpu) => [
			`node_cpu_seconds_total{cpu="${cpu}",mode="user",${EXPORTER}} ${0.3 * t}`,
			`node_cpu_seconds_total{cpu="${cpu}",mode="system",${EXPORTER}} ${0.1 * t}`,
			`node_cpu_seconds_total{cpu="${cpu}",mode="idle",${EXPORTER}} ${0.5 * t}`,
			`node_cpu_seconds_total{cpu="${cpu}",mode="iowait",${EXPORTER}} ${0.05 * t}`,
			`node_cpu_seconds_total{cpu="${cpu}",mode="steal",${EXPORTER}} ${0.05 * t}`,
			`node_cpu_guest_seconds_total{cpu="${cpu}",mode="user",${EXPORTER}} ${t}`,
		]),
		`node_memory_MemTotal_bytes{${EXPORTER}} 8e9`,
		`node_memory_MemAvailable_bytes{${EXPORTER}} 5e9`,
		...["vda", "nvme0n1"].map((device) => `node_disk_read_bytes_total{device="${device}",${EXPORTER}} ${1000 * t}`),
		...["vda", "nvme0n1"].map((device) => `node_disk_written_bytes_total{device="${device}",${EXPORTER}} ${2000 * t}`),
		`node_disk_read_bytes_total{device="dm-0",${EXPORTER}} ${1e6 * t}`,
		`node_disk_written_bytes_total{device="loop3",${EXPORTER}} ${1e6 * t}`,
		`node_network_receive_bytes_total{device="eth0",${EXPORTER}} ${4000 * t}`,
		`node_network_transmit_bytes_total{device="eth0",${EXPORTER}} ${1000 * t}`,
		...["lo", "veth12ab", "cali99"].map(
			(device) => `node_network_receive_bytes_total{device="${device}",${EXPORTER}} ${1e6 * t}`,
		),
		`node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0",${EXPORTER}} ${60 * t}`,
		`node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1",${EXPORTER}} ${40 * t}`,
		`container_cpu_usage_seconds_total{container="app",cpu="total",image="i",namespace="shop",pod="cart-1",${CADVISOR}} ${0.25 * t}`,
		`container_cpu_usage_seconds_total{container="sidecar",cpu="total",image="i",namespace="shop",pod="cart-1",${CADVISOR}} ${0.05 * t}`,
		`container_cpu_usage_seconds_total{container="app",namespace="shop",pod="cart-1",${RESOURCE}} ${0.25 * t}`,
		`container_spec_cpu_shares{container="app",image="i",namespace="shop",pod="cart-1",${CADVISOR}} 128`,
		`kube_pod_container_resource_requests{container="sidecar",namespace="shop",node="worker-1",pod="cart-1",resource="cpu",unit="core",job="kube-state-metrics"} 0.1`,
		`container_cpu_usage_seconds_total{cpu="total",id="/kubepods/pod1",namespace="shop",pod="cart-1",${CADVISOR}} ${0.3 * t}`,
		`container_cpu_usage_seconds_total{cpu="total",id="/",${CADVISOR}} ${0.8 * t}`,
		...["/", "/buy"].flatMap((path) => [
			`http_request_duration_seconds_sum{path="${path}",${APP}} ${10 * t * (path === "/" ? 0.1 : 0.3)}`,
			`http_request_duration_seconds_count{path="${path}",${APP}} ${10 * t}`,
		]),
		`app_frames_total{${APP}} ${25 * t}`,
		"",
	].join("\n");
}

const start = Date.now();
const exporter = http.createServer((_, response) => {
	response.setHeader("content-type", "text/plain; version=0.0.4").end(page((Date.now() - start) / 1000));
});
let cluster: Cluster;

beforeAll(async () => {
	exporter.listen(0, "127.0.0.1");
	await once(exporter, "listening");
	cluster = await startCluster({ scrapeIntervalSeconds: 0.5 });
	await cluster.scrape([{ job: "all", address: `127.0.0.1:${(exporter.address() as AddressInfo).port}` }]);
});

afterAll(async () => {
	exporter.closeAllConnections();
	exporter.close();
	await cluster?.stop();
});

test("the shipped catalogue reads series as kube-prometheus-stack labels them", async () => {
	const catalogue = metricCatalogue.parse(undefined);
	const source = new PrometheusMetricsSource({
		client: new PrometheusClient({ url: cluster.prometheusUrl, timeout: 5 }),
		catalogue,
		stepSeconds: 1,
		resolvePod: (namespace, pod) => (pod === "cart-1" ? { workload: `${namespace}/cart` } : undefined),
	});
	await sleep(6000);
	const now = Date.now();
	const { samples, failures } = await source.collect(5, now);
	expect(failures).toEqual([]);
	const store = new MetricStore(catalogue, { steps: 5, stepSeconds: 1 });
	store.ingest(samples, now);
	const expected: Readonly<Record<string, number>> = {
		node_cpu_usage: 0.8,
		node_memory_usage: 3e9,
		node_disk_usage: 6000,
		node_network_usage: 5000,
		node_power: 100,
		latency: 0.2,
		fps: 25,
		request_rate: 20,
		workload_cpu_usage: 0.3,
		// The app uses more than it asked for, the sidecar less.
		node_cpu_elastic_usage: 0.25,
		node_cpu_elastic_requests: 0.125,
	};
	expect(catalogue.map(({ name }) => name).toSorted()).toEqual(Object.keys(expected).toSorted());
	for (const { name, scope } of catalogue) {
		const entity = scope === "Node" ? "worker-1" : "shop/cart";
		expect([...store.entities(name)], name).toEqual([entity]);
		const newest = store.latest(name, entity, now);
		// Scrapes are a few ms late or early, so rates are within some per cent.
		expect(newest.known ? newest.value / (expected[name] ?? 0) : newest.reason, name).toBeCloseTo(1, 1);
	}
});
