import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RangeQuery } from "../../../src/adapters/prometheus/client.ts";
import { type Aggregation, type EntityLabels, type MetricQuery } from "../../../src/adapters/prometheus/query.ts";
import { type RangeSeries, rangeAnswer } from "../../../src/adapters/prometheus/schema.ts";
import { PrometheusMetricsSource } from "../../../src/adapters/prometheus/source.ts";

const STEP = 30_000;
const T0 = 1_000_000 * STEP;

type Labels = Readonly<Record<string, string>>;

/** A series on the grid that ends at T0; `undefined` leaves a step out. */
function series(metric: Labels, ...values: readonly (number | undefined)[]): RangeSeries {
	const points = values.map((value, index): [number, number | undefined] => [
		(T0 - (values.length - 1 - index) * STEP) / 1000,
		value,
	]);
	return { metric: { ...metric }, values: points.filter((point): point is [number, number] => point[1] !== undefined) };
}

function pod(name: string, ...values: readonly (number | undefined)[]): RangeSeries {
	return series({ namespace: "shop", pod: name }, ...values);
}

interface Setting {
	readonly aggregation?: Aggregation;
	readonly labels?: EntityLabels;
	readonly workloads?: Map<string, string>;
}

function metric({ aggregation = "Sum", labels = {} }: Setting, name = "metric"): MetricQuery {
	const scope = labels.node === undefined ? "Workload" : "Node";
	return { name, scope, unit: "ratio", kind: "Gauge", min: 0, max: 1, query: "x", labels, aggregation };
}

const CARTS = new Map([
	["cart-1", "shop/cart"],
	["cart-2", "shop/cart"],
]);

function sourceOf(answers: () => readonly RangeSeries[], setting: Setting = {}): PrometheusMetricsSource {
	const workloads = setting.workloads ?? CARTS;
	return new PrometheusMetricsSource({
		client: { queryRange: async () => answers() },
		catalogue: [metric(setting)],
		stepSeconds: 30,
		resolvePod: (_, name) => {
			const workload = workloads.get(name);
			return workload === undefined ? undefined : { workload };
		},
	});
}

/** `entity -> values by steps before T0, oldest first`. */
async function collected(all: readonly RangeSeries[], setting: Setting = {}): Promise<Record<string, number[]>> {
	const { samples, failures } = await sourceOf(() => all, setting).collect(90, T0 + 5000);
	expect(failures).toEqual([]);
	const byEntity: Record<string, number[]> = {};
	for (const { entity, at, value } of samples) {
		(byEntity[entity] ??= [])[2 - (T0 - at) / STEP] = value;
	}
	return byEntity;
}

describe("several pods of one workload", () => {
	test("are summed, averaged or the largest is taken, step by step", async () => {
		const both = [pod("cart-1", 1, 2, 3), pod("cart-2", 3, 4, 7)];
		expect(await collected(both, { aggregation: "Sum" })).toEqual({ "shop/cart": [4, 6, 10] });
		expect(await collected(both, { aggregation: "Mean" })).toEqual({ "shop/cart": [2, 3, 5] });
		expect(await collected(both, { aggregation: "Max" })).toEqual({ "shop/cart": [3, 4, 7] });
	});

	test("a pod that has just started counts from its first sample", async () => {
		const both = [pod("cart-1", 1, 1, 1), pod("cart-2", undefined, undefined, 1)];
		expect(await collected(both)).toEqual({ "shop/cart": [1, 1, 2] });
	});

	test("a living pod that is no longer measured makes the sum Unknown", async () => {
		const both = [pod("cart-1", 1, 1, 1), pod("cart-2", 1, undefined, 1)];
		expect(await collected(both)).toEqual({ "shop/cart": [2, Number.NaN, 2] });
		const silent = [pod("cart-1", 1, 1, 1), pod("cart-2", 1, 1, undefined)];
		expect(await collected(silent)).toEqual({ "shop/cart": [2, 2, Number.NaN] });
		expect(await collected(silent, { aggregation: "Mean" })).toEqual({ "shop/cart": [1, 1, 1] });
		// Nothing measured at all is a gap, which becomes Stale, and no measurement.
		expect(await collected([pod("cart-1", 1, undefined, undefined)])).toEqual({ "shop/cart": [1] });
	});

	test("a pod without a value has no say in a mean unless none has one, but spoils a sum", async () => {
		const both = [pod("cart-1", Number.NaN, 4, Number.NaN), pod("cart-2", 2, Number.NaN, Number.NaN)];
		expect(await collected(both, { aggregation: "Mean" })).toEqual({ "shop/cart": [2, 4, Number.NaN] });
		expect(await collected(both, { aggregation: "Max" })).toEqual({ "shop/cart": [2, 4, Number.NaN] });
		expect(await collected(both)).toEqual({ "shop/cart": [Number.NaN, Number.NaN, Number.NaN] });
	});

	test("the mean does not depend on the order of the series", async () => {
		const value = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.NaN), fc.constant(undefined));
		const pods = fc.array(fc.tuple(value, value, value), { maxLength: 5 });
		await fc.assert(
			fc.asyncProperty(pods, fc.constantFrom("Sum", "Mean", "Max"), async (rows, aggregation) => {
				const workloads = new Map(rows.map((_, index) => [`p${index}`, "shop/cart"]));
				const all = rows.map((row, index) => pod(`p${index}`, ...row));
				const setting = { aggregation, workloads } as const;
				expect(await collected(all.toReversed(), setting)).toEqual(await collected(all, setting));
			}),
		);
	});

	test("a deleted pod still counts in the steps that it took part in", async () => {
		const workloads = new Map(CARTS);
		const answers = [pod("cart-1", 1, 1, undefined), pod("cart-2", undefined, 1, 1)];
		const source = sourceOf(() => answers, { workloads });
		await source.collect(90, T0);
		workloads.delete("cart-1");
		const again = await source.collect(90, T0);
		expect(again.samples.map(({ value }) => value)).toEqual([1, 2, 1]);
		// Long after, its name means nothing any more.
		const later = T0 + 1000 * STEP;
		await source.collect(90, later);
		answers.splice(1);
		expect((await source.collect(90, later)).samples).toEqual([]);
	});
});

describe("the owner of a series", () => {
	test("is the node that the label names", async () => {
		const all = [series({ nodename: "a" }, 1), series({ nodename: "b" }, 2), series({ instance: "c" }, 3)];
		expect(Object.keys(await collected(all, { labels: { node: "nodename" } }))).toEqual(["a", "b"]);
	});

	test("is the Deployment that the labels name", async () => {
		const all = [series({ ns: "shop", deployment: "cart" }, 1), series({ namespace: "shop", deployment: "x" }, 1)];
		const labels = { namespace: "ns", workload: "deployment" };
		expect(Object.keys(await collected(all, { labels }))).toEqual(["shop/cart"]);
	});

	test("is nobody for a pod of no Deployment", async () => {
		expect(await collected([pod("stranger", 1), series({ pod: "cart-1" }, 1)])).toEqual({});
	});
});

test("asks for whole steps since the epoch, the newest at or before now", async () => {
	const asked: RangeQuery[] = [];
	const source = new PrometheusMetricsSource({
		client: {
			queryRange: async (range) => {
				asked.push(range);
				return [];
			},
		},
		catalogue: [metric({})],
		stepSeconds: 30,
		resolvePod: () => undefined,
	});
	await source.collect(300, T0 + 29_999);
	await source.collect(1, T0);
	expect(asked).toEqual([
		{ query: "last_over_time(x[30s])", start: T0 - 9 * STEP, end: T0, stepSeconds: 30 },
		{ query: "last_over_time(x[30s])", start: T0, end: T0, stepSeconds: 30 },
	]);
});

test("never has more queries under way than allowed, and one failure leaves the others alone", async () => {
	let underWay = 0;
	let most = 0;
	const source = new PrometheusMetricsSource({
		client: {
			queryRange: async ({ query }) => {
				most = Math.max(most, ++underWay);
				await new Promise(setImmediate);
				underWay--;
				if (query.includes("bad")) throw new Error("no\nluck");
				return [series({ n: "a" }, 1)];
			},
		},
		catalogue: ["a", "b", "bad", "d", "e"].map((name) => ({ ...metric({ labels: { node: "n" } }, name), query: name })),
		stepSeconds: 30,
		resolvePod: () => undefined,
		concurrency: 2,
	});
	const { samples, failures } = await source.collect(30, T0);
	expect(most).toBe(2);
	expect(samples.map(({ metric }) => metric)).toEqual(["a", "b", "d", "e"]);
	const message = 'metric "bad": no luck; query: last_over_time(bad[30s])';
	expect(failures).toEqual([{ metric: "bad", message, concerns: "Query" }]);
});

test("values are numbers written as strings, and nothing else", () => {
	const answer = (...values: unknown[]) => ({
		status: "success",
		data: { resultType: "matrix", result: [{ metric: {}, values: values.map((value) => [1, value]) }] },
	});
	const parsed = rangeAnswer.parse(answer("1e-3", "NaN", "+Inf", "-Inf"));
	expect(parsed).toMatchObject({
		warnings: [],
		data: {
			result: [
				{
					values: [
						[1, 0.001],
						[1, Number.NaN],
						[1, Number.POSITIVE_INFINITY],
						[1, Number.NEGATIVE_INFINITY],
					],
				},
			],
		},
	});
	for (const wrong of ["", "abc", "0x", 1, null]) {
		expect(rangeAnswer.safeParse(answer(wrong)).success).toBe(false);
	}
});
