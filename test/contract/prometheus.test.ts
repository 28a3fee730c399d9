import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import type { MetricQuery } from "../../src/adapters/prometheus/query.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import type { Measurement } from "../../src/core/metrics/metric.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";

const SCRAPE_SECONDS = 0.5;
const STEP_SECONDS = 1;
const STEPS = 10;

const gauge = { scope: "Node", unit: "ratio", kind: "Gauge", min: 0, max: 100, aggregation: "Sum" } as const;
const ofNode = { node: "node" };

function gaugeNamed(name: string, query: string): MetricQuery {
	return { ...gauge, name, query, labels: ofNode };
}

/** What a page of an app and two exporters looks like `seconds` after the start. */
function page(seconds: number, timestamps: { readonly frozen: number }): string {
	const beforeRestart = seconds < 8;
	const requests = 20 * (beforeRestart ? seconds : seconds - 8);
	return [
		`load{node="alive"} ${10 + Math.floor(seconds / 100)}`,
		// With a time of its own, as cAdvisor sends, a series that ends gets no end marker.
		`load{node="dying"} 42 ${seconds < 4 ? Date.now() : timestamps.frozen}`,
		`load{node="not-a-number"} NaN`,
		`load{node="infinite"} +Inf`,
		`load{node="too-high"} 101`,
		`http_request_duration_seconds_sum{namespace="shop",pod="cart-1"} ${requests * 0.05}`,
		`http_request_duration_seconds_count{namespace="shop",pod="cart-1"} ${requests}`,
		`http_request_duration_seconds_sum{namespace="shop",pod="cart-2"} ${requests * 0.15}`,
		`http_request_duration_seconds_count{namespace="shop",pod="cart-2"} ${requests}`,
		`http_request_duration_seconds_sum{namespace="shop",pod="idle-1"} 7`,
		`http_request_duration_seconds_count{namespace="shop",pod="idle-1"} 70`,
		`http_request_duration_seconds_count{namespace="shop",pod="stranger"} ${requests}`,
		"",
	].join("\n");
}

async function serve(handle: http.RequestListener): Promise<{ address: string; close(): void }> {
	const server = http.createServer(handle);
	const listening = Promise.withResolvers<void>();
	server.listen(0, "127.0.0.1", listening.resolve);
	await listening.promise;
	const { port } = server.address() as AddressInfo;
	return {
		address: `127.0.0.1:${port}`,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}

const LATENCY =
	"sum by (namespace, pod) (rate(http_request_duration_seconds_sum[$window]) and last_over_time(http_request_duration_seconds_sum[$step])) / sum by (namespace, pod) (rate(http_request_duration_seconds_count[$window]))";

const catalogue: readonly MetricQuery[] = [
	gaugeNamed("load", "load"),
	gaugeNamed("load_by_expression", "max by (node) (last_over_time(load[$step]))"),
	gaugeNamed("broken", "sum by (node ("),
	gaugeNamed("ambiguous", "load * on () load"),
	{ ...gauge, name: "latency", scope: "Workload", query: LATENCY, labels: {}, aggregation: "Mean" },
	{
		...gauge,
		name: "request_rate",
		scope: "Workload",
		kind: "Rate",
		query: "http_request_duration_seconds_count",
		labels: {},
	},
];

const workloads: Readonly<Record<string, string>> = {
	"cart-1": "shop/cart",
	"cart-2": "shop/cart",
	"idle-1": "shop/idle",
};

function sourceAt(url: string, metrics = catalogue, timeout = 5): PrometheusMetricsSource {
	return new PrometheusMetricsSource({
		client: new PrometheusClient({ url, timeout, maxResponseBytes: 1_000_000 }),
		catalogue: metrics,
		stepSeconds: STEP_SECONDS,
		resolvePod: (_, pod) => (workloads[pod] ? { workload: workloads[pod] } : undefined),
	});
}

describe("against a real Prometheus", () => {
	let cluster: Cluster;
	let exporter: { address: string; close(): void };
	let store: MetricStore;
	let now: number;
	let failures: ReadonlyMap<string, string>;

	beforeAll(async () => {
		cluster = await startCluster({ scrapeIntervalSeconds: SCRAPE_SECONDS });
		const start = Date.now();
		const timestamps = { frozen: start + 4000 };
		exporter = await serve((_, response) => {
			response.setHeader("content-type", "text/plain; version=0.0.4");
			response.end(page((Date.now() - start) / 1000, timestamps));
		});
		await cluster.scrape([{ job: "test", address: exporter.address }]);
		await sleep(13_000);
		now = Date.now();
		const collection = await sourceAt(cluster.prometheusUrl).collect(STEPS * STEP_SECONDS, now);
		store = new MetricStore(catalogue, { steps: STEPS, stepSeconds: STEP_SECONDS });
		store.ingest(collection.samples, now);
		failures = new Map(collection.failures.map(({ metric, message }) => [metric, message]));
	});

	afterAll(async () => {
		exporter?.close();
		await cluster?.stop();
	});

	function latest(metric: string, entity: string): Measurement {
		return store.latest(metric, entity, now);
	}

	test("a live gauge is known in every step", () => {
		expect(latest("load", "alive")).toMatchObject({ known: true, value: 10 });
		expect([...store.window("load", "alive", now)]).toEqual(Array.from({ length: STEPS }, () => 10));
	});

	test("a dead series is Stale although Prometheus itself still answers with its last value", async () => {
		const answer = await fetch(`${cluster.prometheusUrl}/api/v1/query?query=load{node="dying"}`);
		expect(await answer.text()).toContain('"42"');
		for (const metric of ["load", "load_by_expression"]) {
			expect(latest(metric, "dying")).toEqual({ known: false, reason: "Stale" });
			expect(store.age(metric, "dying", now)).toBeGreaterThan(7);
			expect(store.age(metric, "dying", now)).toBeLessThan(11);
		}
	});

	test.each([
		["not-a-number", "NotFinite"],
		["infinite", "NotFinite"],
		["too-high", "OutOfRange"],
		["never-seen", "Absent"],
	])("%s is Unknown: %s", (node, reason) => {
		expect(latest("load", node)).toEqual({ known: false, reason });
	});

	test("latency is the mean over a workload's pods, and Unknown without requests", () => {
		const latency = latest("latency", "shop/cart");
		expect(latency.known && latency.value).toBeCloseTo(0.1, 6);
		expect(latest("latency", "shop/idle")).toEqual({ known: false, reason: "NotFinite" });
	});

	test("rates are summed over the pods and survive a counter reset", () => {
		const rates = store.since("request_rate", "shop/cart", 0, now);
		expect(rates.length).toBeGreaterThanOrEqual(8);
		// 20/s from each of two pods; the step of the restart misses what was counted before it.
		expect(Math.min(...rates)).toBeGreaterThan(15);
		expect(Math.max(...rates)).toBeLessThan(50);
		expect(rates.filter((rate) => Math.abs(rate - 40) < 4).length).toBeGreaterThanOrEqual(6);
		expect([...store.entities("request_rate")].toSorted()).toEqual(["shop/cart", "shop/idle"]);
	});

	test("a query that Prometheus refuses fails alone, in one line with its metric and query", () => {
		expect([...failures.keys()].toSorted()).toEqual(["ambiguous", "broken"]);
		expect(failures.get("broken")).toMatch(
			/^metric "broken": the query is not valid PromQL \(bad_data: .*parse error.*\); correct it under metrics.catalogue in the configuration; query: sum by \(node \($/,
		);
		expect(failures.get("ambiguous")).toMatch(/^metric "ambiguous": the query cannot be evaluated \(execution: .*many/);
	});

	test("collecting the same span again changes nothing", async () => {
		const before = [...store.window("request_rate", "shop/cart", now)];
		store.ingest((await sourceAt(cluster.prometheusUrl).collect(3, now)).samples, now);
		expect([...store.window("request_rate", "shop/cart", now)]).toEqual(before);
	});

	test("an answer beyond the size limit is refused", async () => {
		const client = new PrometheusClient({ url: cluster.prometheusUrl, timeout: 5, maxResponseBytes: 100 });
		const range = { query: "load", start: now - 10_000, end: now, stepSeconds: 1 };
		await expect(client.queryRange(range)).rejects.toThrow("the answer is larger than 100 bytes");
		client.close();
	});
});

describe("without a Prometheus that answers", () => {
	const one = [gaugeNamed("load", "load")];

	async function failureOf(handle: http.RequestListener, timeout?: number): Promise<string | undefined> {
		const server = await serve(handle);
		try {
			const collection = await sourceAt(`http://${server.address}/prefix/`, one, timeout).collect(10, Date.now());
			expect(collection.samples).toEqual([]);
			expect(collection.failures).toHaveLength(1);
			return collection.failures[0]?.message.replace(server.address, "HOST");
		} finally {
			server.close();
		}
	}

	function answer(status: number, type: string, body: string): http.RequestListener {
		return (_, response) => void response.writeHead(status, { "content-type": type }).end(body);
	}

	test("an unreachable one is a failure per metric", async () => {
		const closed = await serve(() => {});
		closed.close();
		const { failures, samples } = await sourceAt(`http://me:secret@${closed.address}`).collect(10, Date.now());
		expect(samples).toEqual([]);
		expect(failures).toHaveLength(catalogue.length);
		// The same for all, whatever they ask: it is told once.
		expect(new Set(failures.map(({ message }) => message))).toEqual(
			new Set([
				`http://${closed.address} cannot be reached (ECONNREFUSED); check prometheus.url and that Prometheus runs`,
			]),
		);
	});

	test.each([
		[
			"a login page",
			answer(200, "text/html", "<html>"),
			"http://HOST/prefix answered status 200 with text/html instead of JSON; prometheus.url must name Prometheus",
		],
		["a proxy without a backend", answer(502, "text/plain", "Bad Gateway"), "is not up"],
		["a refusal of credentials", answer(401, "text/plain", "Unauthorized"), "refused the credentials (status 401)"],
		[
			"an overloaded one",
			answer(503, "application/json", '{"status":"error","errorType":"timeout","error":"query timed out"}'),
			"Prometheus gave up on the query (timeout: query timed out); it is overloaded or starting",
		],
		[
			"a truncated result",
			answer(
				200,
				"application/json",
				'{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["results truncated due to limit"]}',
			),
			"the answer is partial (results truncated due to limit)",
		],
		["other JSON", answer(200, "application/json", '{"ok":true}'), "is not one of Prometheus"],
		["a broken connection", (request) => void request.socket.destroy(), "cannot be reached (ECONNRESET)"],
	] satisfies [string, http.RequestListener, string][])("%s is a failure", async (_, handle, message) => {
		expect(await failureOf(handle)).toContain(message);
	});

	test("a kept connection that it has closed meanwhile is replaced by a new one", async () => {
		let requests = 0;
		const answered = new WeakSet<Socket>();
		const server = await serve((request, response) => {
			requests++;
			if (answered.has(request.socket)) return void request.socket.destroy();
			answered.add(request.socket);
			response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
		});
		const source = sourceAt(`http://${server.address}`, one);
		expect(await source.collect(10, Date.now())).toEqual({ samples: [], failures: [] });
		expect(await source.collect(10, Date.now())).toEqual({ samples: [], failures: [] });
		expect(requests).toBe(3);
		server.close();
	});

	test("one that never answers is given up after the timeout", async () => {
		const started = Date.now();
		expect(await failureOf(() => {}, 0.3)).toContain("no answer from http://HOST/prefix within 0.3 s");
		expect(Date.now() - started).toBeLessThan(3000);
	});
});
