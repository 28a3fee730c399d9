import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClusterNode, ClusterView, RunningPod } from "../../../simulation/cluster-view.ts";
import { Engine } from "../../../simulation/engine.ts";
import { metricsPage } from "../../../simulation/exposition.ts";
import { type WorldInput, worldSchema } from "../../../simulation/schema.ts";

const QUIET = { latency: 0, load: 0 };
const CART = { serviceTime: "20ms", arrivalRate: 10, baseLatency: "0ms" };

interface Placed {
	readonly node: string;
	readonly serving?: boolean;
	readonly deployment?: string;
}

/** Nodes `a`, `b`, `c` of 4 cores, and pods by name. */
function view(pods: Readonly<Record<string, Placed>>, notReady: readonly string[] = []): ClusterView {
	const nodes = ["a", "b", "c"].map((name): [string, ClusterNode] => [
		name,
		{ name, ready: !notReady.includes(name), cores: 4, memory: 8e9 },
	]);
	const running = Object.entries(pods).map(
		([name, { node, serving = true, deployment = "cart" }]): [string, RunningPod] => [
			`shop/${name}`,
			{ namespace: "shop", name, deployment, node, serving },
		],
	);
	return { nodes: new Map(nodes), pods: new Map(running) };
}

function engineOf(world: WorldInput): Engine {
	return new Engine(worldSchema.parse({ noise: QUIET, ...world }), 0);
}

/** Mean seconds per request of a pod since it started. */
function latencyOf(engine: Engine, pod: string): number {
	const counters = engine.pods.get(`shop/${pod}`);
	return counters ? counters.requestSeconds / counters.requests : Number.NaN;
}

function values(page: string, family: string): number[] {
	return page
		.split("\n")
		.filter((line) => line.startsWith(`${family}{`))
		.map((line) => Number(line.slice(line.lastIndexOf(" "))));
}

test("a pod's latency, rate and CPU use follow from the node it is on", () => {
	const engine = engineOf({ nodes: { a: { background: 1.9, speed: 0.5 } }, apps: { cart: CART } });
	engine.advance(view({ p: { node: "a" } }), 10_000);
	// 10/s x 20 ms on a core of half speed are 0.4 cores; (1.9 + 0.4) of 4 cores are in use.
	const load = 2.3 / 4;
	expect(latencyOf(engine, "p")).toBeCloseTo(0.04 / (1 - load), 10);
	expect(engine.pods.get("shop/p")).toMatchObject({ node: "a", frames: 0 });
	expect(engine.pods.get("shop/p")?.requests).toBeCloseTo(100, 6);
	expect(engine.pods.get("shop/p")?.cpuSeconds).toBeCloseTo(4, 6);
	const node = engine.nodes.get("a");
	expect(node?.busySeconds).toBeCloseTo(23, 6);
	expect(node?.idleSeconds).toBeCloseTo(17, 6);
	expect(node?.joules).toBeCloseTo((50 + 150 * load) * 10, 6);
});

test("the rate of a Deployment is split over its serving pods", () => {
	const engine = engineOf({ apps: { cart: CART } });
	engine.advance(view({ p: { node: "a" }, q: { node: "b" }, starting: { node: "c", serving: false } }), 10_000);
	const requests = ["p", "q", "starting"].map((pod) => engine.pods.get(`shop/${pod}`)?.requests ?? -1);
	expect(requests[0]).toBeCloseTo(50, 6);
	expect(requests[1]).toBeCloseTo(50, 6);
	expect(requests[2]).toBe(0);
});

test("neighbours slow each other down", () => {
	const engine = engineOf({ apps: { cart: CART, hog: { serviceTime: "1s", arrivalRate: 3 } } });
	engine.advance(view({ p: { node: "a" }, h: { node: "a", deployment: "hog" } }), 1000);
	expect(latencyOf(engine, "p")).toBeCloseTo(0.02 / (1 - 3.2 / 4), 10);
});

test("an overloaded node serves a share, and requests run into their timeout", () => {
	const engine = engineOf({ apps: { cart: { ...CART, arrivalRate: 400, timeout: "1s" } } });
	engine.advance(view({ p: { node: "a" } }), 10_000);
	expect(engine.pods.get("shop/p")?.requests).toBeCloseTo(2000, 6);
	expect(engine.pods.get("shop/p")?.cpuSeconds).toBeCloseTo(40, 6);
	expect(latencyOf(engine, "p")).toBeCloseTo(1, 6);
});

test("frames are limited by what is fed and by the time that one takes", () => {
	const fps = { target: 30, parallelism: 1 };
	const engine = engineOf({
		nodes: { b: { background: 3.2 } },
		apps: { cart: { ...CART, arrivalRate: 0, fps } },
	});
	engine.advance(view({ p: { node: "a" } }), 10_000);
	expect(engine.pods.get("shop/p")?.frames).toBeCloseTo(300, 6);
	engine.advance(view({ q: { node: "b" } }), 20_000);
	expect(engine.pods.get("shop/q")?.frames).toBeCloseTo(100, 6);
});

test("profiles run faster than counters by the compression", () => {
	const background = { base: 1, steps: [{ at: "60s", value: 3 }] };
	const engine = engineOf({ compression: 10, nodes: { a: { background } } });
	engine.advance(view({}), 6000);
	expect(engine.nodes.get("a")?.busySeconds).toBeCloseTo(6, 6);
	engine.advance(view({}), 7000);
	expect(engine.nodes.get("a")?.busySeconds).toBeCloseTo(9, 6);
});

describe("what is gone is not measured", () => {
	const engine = engineOf({ apps: { cart: CART, idle: CART } });

	test("pods of Deployments that the world does not know have no series", () => {
		engine.advance(view({ p: { node: "a" }, q: { node: "b" }, s: { node: "a", deployment: "stranger" } }), 1000);
		expect([...engine.pods.keys()]).toEqual(["shop/p", "shop/q"]);
		expect([...engine.nodes.keys()]).toEqual(["a", "b", "c"]);
	});

	test("deleted pods, and those on a node that is not Ready, disappear with it", () => {
		engine.advance(view({ q: { node: "b" } }, ["c"]), 2000);
		expect([...engine.pods.keys()]).toEqual(["shop/q"]);
		engine.advance(view({ q: { node: "b" } }, ["b"]), 3000);
		expect([...engine.pods.keys()]).toEqual([]);
		expect([...engine.nodes.keys()].toSorted()).toEqual(["a", "c"]);
	});

	test("a node that is down in the world disappears at once, and counts from 0 when it is back", () => {
		engine.spec = worldSchema.parse({ ...engine.spec, nodes: { a: { down: true } }, apps: {}, noise: QUIET });
		engine.advance(view({}), 4000);
		expect(metricsPage(engine.nodes.values(), engine.pods.values())).not.toContain('"a"');
		engine.spec = worldSchema.parse({ noise: QUIET });
		engine.advance(view({}), 4000);
		engine.advance(view({}), 5000);
		expect(engine.nodes.get("a")?.idleSeconds).toBeCloseTo(4, 6);
	});
});

describe("chance", () => {
	const world = { seed: 3, noise: { latency: 0.1, load: 0.05 }, apps: { cart: CART, other: CART } };

	test("is the same for the same seed, however often one looks and whoever else is there", () => {
		const seen = (world: WorldInput, pods: ClusterView, times: readonly number[]) => {
			const engine = new Engine(worldSchema.parse(world), 0);
			for (const time of times) engine.advance(pods, time);
			return engine.pods.get("shop/p")?.requestSeconds;
		};
		const alone = view({ p: { node: "a" } });
		const once = seen(world, alone, [60_000]);
		expect(seen(world, alone, [1, 333, 12_345, 12_346, 60_000])).toBe(once);
		expect(seen(world, view({ p: { node: "a" }, o: { node: "b", deployment: "other" } }), [60_000])).toBe(once);
		expect(seen({ ...world, seed: 4 }, alone, [60_000])).not.toBe(once);
	});

	test("has the declared size around the truth, and outliers as often as declared", () => {
		const spec = {
			...world,
			noise: { latency: 0.1, load: 0, period: "1s", outliers: { probability: 0.02, factor: 8 } },
		};
		const engine = new Engine(worldSchema.parse(spec), 0);
		const pods = view({ p: { node: "a" } });
		const truth = engine.truth("shop/cart", pods, 0)?.current?.latency ?? Number.NaN;
		const ratios: number[] = [];
		let before = { requestSeconds: 0, requests: 0 };
		for (let second = 1; second <= 2000; second++) {
			engine.advance(pods, second * 1000);
			const { requestSeconds = 0, requests = 0 } = engine.pods.get("shop/p") ?? {};
			ratios.push((requestSeconds - before.requestSeconds) / (requests - before.requests) / truth);
			before = { requestSeconds, requests };
		}
		const outliers = ratios.filter((ratio) => ratio > 4);
		expect(outliers.length / ratios.length).toBeGreaterThan(0.01);
		expect(outliers.length / ratios.length).toBeLessThan(0.03);
		const usual = ratios.filter((ratio) => ratio <= 4);
		const mean = usual.reduce((sum, ratio) => sum + ratio, 0) / usual.length;
		const deviation = Math.sqrt(usual.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / usual.length);
		expect(mean).toBeCloseTo(1, 1);
		expect(deviation).toBeGreaterThan(0.09);
		expect(deviation).toBeLessThan(0.11);
	});
});

describe("the truth", () => {
	const world = { nodes: { a: { background: 3 }, b: { speed: 2 } }, apps: { cart: CART } };

	test("is what the counters show where the app is, and what a move would give elsewhere", () => {
		const engine = engineOf(world);
		const before = engine.truth("shop/cart", view({ p: { node: "a" } }), 0);
		expect(before?.nodes).toEqual(["a"]);
		expect(before?.current).toEqual(before?.onNode.get("a"));
		engine.advance(view({ p: { node: "a" } }), 5000);
		expect(latencyOf(engine, "p")).toBeCloseTo(before?.current?.latency ?? 0, 10);
		engine.advance(view({ q: { node: "b" } }), 10_000);
		expect(latencyOf(engine, "q")).toBeCloseTo(before?.onNode.get("b")?.latency ?? 0, 10);
	});

	test("has no current value while no pod serves, and knows no stranger", () => {
		const engine = engineOf(world);
		expect(engine.truth("shop/cart", view({ p: { node: "a", serving: false } }), 0)).toMatchObject({
			current: undefined,
			nodes: [],
		});
		expect([...(engine.truth("shop/cart", view({}, ["b"]), 0)?.onNode.keys() ?? [])]).toEqual(["a", "c"]);
		expect(engine.truth("shop/stranger", view({}), 0)).toBeUndefined();
	});

	test("latency never falls when the background rises, on any node", () => {
		fc.assert(
			fc.property(
				fc.double({ min: 0, max: 8, noNaN: true }),
				fc.double({ min: 0, max: 8, noNaN: true }),
				(one, other) => {
					const latencyAt = (background: number) =>
						engineOf({ ...world, nodes: { a: { background } } })
							.truth("shop/cart", view({}), 0)
							?.onNode.get("a")?.latency ?? -1;
					expect(latencyAt(Math.max(one, other))).toBeGreaterThanOrEqual(latencyAt(Math.min(one, other)));
				},
			),
			{ numRuns: 50 },
		);
	});
});

test("the page has one family after the other, with the labels of the real exporters", () => {
	const engine = engineOf({ apps: { cart: { ...CART, fps: { target: 30 } } } });
	engine.advance(view({ p: { node: "a" } }), 1000);
	const page = metricsPage(engine.nodes.values(), engine.pods.values());
	const names = page
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => line.slice(0, line.indexOf("{")));
	const changes = names.filter((name, index) => name !== names[index - 1]);
	expect(changes).toEqual([...new Set(changes)]);
	expect(page).toContain('node_cpu_seconds_total{cpu="3",mode="user",instance="a",node="a"} ');
	expect(page).toContain(
		'container_cpu_usage_seconds_total{container="app",cpu="total",namespace="shop",pod="p",node="a"} ',
	);
	expect(values(page, "node_memory_MemTotal_bytes")).toEqual([8e9, 8e9, 8e9]);
	expect(values(page, "node_cpu_seconds_total").reduce((sum, value) => sum + value, 0)).toBeCloseTo(12, 6);
	expect(values(page, "app_frames_total")[0]).toBeCloseTo(30, 6);
});
