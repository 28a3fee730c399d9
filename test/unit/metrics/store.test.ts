import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetricDefinition, MetricSample } from "../../../src/core/metrics/metric.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";

const STEP = 30_000;
/** A step boundary, so that offsets read as times within a step. */
const T0 = 1_000_000 * STEP;

const latency: MetricDefinition = { name: "latency", scope: "Workload", unit: "seconds", min: 0, max: 60 };
const cpu: MetricDefinition = { name: "node_cpu_usage", scope: "Node", unit: "cores", min: 0, max: 1024 };

function storeOf(...samples: MetricSample[]): MetricStore {
	const store = new MetricStore([latency, cpu], { steps: 4, stepSeconds: 30 });
	store.ingest(samples, T0);
	return store;
}

function sample(at: number, value: number, entity = "shop/cart"): MetricSample {
	return { metric: "latency", entity, at, value };
}

function window(store: MetricStore, now: number, entity = "shop/cart"): number[] {
	return [...store.window("latency", entity, now)];
}

describe("the grid", () => {
	test("puts samples by their true time, and leaves gaps Unknown", () => {
		const store = storeOf(sample(T0 - 3 * STEP, 1), sample(T0 - STEP + 29_999, 3), sample(T0, 4));
		expect(window(store, T0)).toEqual([1, Number.NaN, 3, 4]);
		expect(window(store, T0 + STEP)).toEqual([Number.NaN, 3, 4, Number.NaN]);
	});

	test("keeps the newest of several samples in one step, in whatever order they come", () => {
		const store = storeOf(sample(T0 + 5, 2), sample(T0 + 20, 3), sample(T0 + 10, 9));
		expect(window(store, T0)).toEqual([Number.NaN, Number.NaN, Number.NaN, 3]);
	});

	test("fills the slot of a late sample and drops what the window no longer holds", () => {
		const store = storeOf(sample(T0, 4));
		store.ingest([sample(T0 - STEP, 3), sample(T0 - 4 * STEP, 99), sample(T0 + STEP, 99)], T0);
		expect(window(store, T0)).toEqual([Number.NaN, Number.NaN, 3, 4]);
	});

	test("reads at an earlier time without losing anything", () => {
		const store = storeOf(sample(T0 - STEP, 3), sample(T0, 4));
		expect(window(store, T0 - STEP)).toEqual([Number.NaN, Number.NaN, Number.NaN, 3]);
		expect(window(store, T0 - 9 * STEP)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
		expect(window(store, T0)).toEqual([Number.NaN, Number.NaN, 3, 4]);
	});

	test("goes on when a clock that was ahead is set back, and knows nothing of what it took in meanwhile", () => {
		for (const ahead of [2 * STEP, 3000 * STEP]) {
			const store = storeOf(sample(T0 - STEP, 3), sample(T0, 4));
			store.ingest([sample(T0 + ahead, 99)], T0 + ahead);
			store.ingest([sample(T0 + STEP, 5)], T0 + STEP);
			expect(window(store, T0 + STEP)).toEqual([
				Number.NaN,
				...(ahead === 2 * STEP ? [3, 4] : [Number.NaN, Number.NaN]),
				5,
			]);
			expect(store.age("latency", "shop/cart", T0 + 3 * STEP)).toBe(60);
			expect(store.latest("latency", "shop/cart", T0 + 3 * STEP)).toMatchObject({ value: 5 });
		}
	});

	test("forgets everything after a pause longer than the window", () => {
		const store = storeOf(sample(T0, 4));
		expect(window(store, T0 + 100 * STEP)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
		expect(store.age("latency", "shop/cart", T0 + 100 * STEP)).toBe(3000);
	});

	test("answers Unknown for unknown metrics and entities", () => {
		const store = storeOf();
		store.ingest([{ metric: "nonsense", entity: "n", at: T0, value: 1 }], T0);
		expect(store.definition("nonsense")).toBeUndefined();
		expect(store.latest("nonsense", "n", T0)).toEqual({ known: false, reason: "Absent" });
		expect(window(store, T0)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
		expect(store.age("latency", "shop/cart", T0)).toBeUndefined();
	});

	test("does not compress entities of different metrics into one", () => {
		const store = storeOf(sample(T0, 4, "a"));
		store.ingest([{ metric: "node_cpu_usage", entity: "a", at: T0, value: 7 }], T0);
		expect(store.latest("latency", "a", T0)).toEqual({ known: true, value: 4, at: T0 });
		expect(store.latest("node_cpu_usage", "a", T0)).toEqual({ known: true, value: 7, at: T0 });
	});
});

describe("the newest value", () => {
	test("is Unknown once it is older than two steps", () => {
		const store = storeOf(sample(T0, 4));
		expect(store.latest("latency", "shop/cart", T0 + 2 * STEP)).toEqual({ known: true, value: 4, at: T0 });
		expect(store.latest("latency", "shop/cart", T0 + 2 * STEP + 1)).toEqual({ known: false, reason: "Stale" });
		window(store, T0 + 50 * STEP);
		expect(store.latest("latency", "shop/cart", T0 + 50 * STEP)).toEqual({ known: false, reason: "Stale" });
	});

	test.each([
		[Number.NaN, "NotFinite"],
		[Number.POSITIVE_INFINITY, "NotFinite"],
		[Number.NEGATIVE_INFINITY, "NotFinite"],
		[-0.001, "OutOfRange"],
		[60.001, "OutOfRange"],
	])("is Unknown when it is %d, and never the value before it", (value, reason) => {
		const store = storeOf(sample(T0 - STEP, 4), sample(T0, value));
		expect(store.latest("latency", "shop/cart", T0)).toEqual({ known: false, reason });
		expect(window(store, T0)).toEqual([Number.NaN, Number.NaN, 4, Number.NaN]);
		expect(store.age("latency", "shop/cart", T0)).toBe(30);
		expect(store.since("latency", "shop/cart", 0, T0)).toEqual([4]);
	});

	test("heals when a good sample replaces a bad one", () => {
		const store = storeOf(sample(T0, Number.NaN), sample(T0 + 1, 4));
		expect(store.latest("latency", "shop/cart", T0 + 1)).toEqual({ known: true, value: 4, at: T0 + 1 });
	});
});

test("since lists the known values measured in a span, oldest first", () => {
	const store = storeOf(sample(T0 - 2 * STEP, 1), sample(T0 - STEP, 2), sample(T0, 3));
	expect(store.since("latency", "shop/cart", T0 - STEP, T0)).toEqual([2, 3]);
	expect(store.since("latency", "shop/cart", T0 - 2 * STEP, T0 - 1)).toEqual([1, 2]);
	expect(store.since("latency", "shop/none", 0, T0)).toEqual([]);
});

test("forgets the series of what is gone, and a successor of the same name starts Unknown", () => {
	const store = storeOf(sample(T0, 4), sample(T0, 5, "shop/other"));
	store.forget((scope, entity) => scope === "Workload" && entity === "shop/other");
	expect([...store.entities("latency")]).toEqual(["shop/other"]);
	expect(store.latest("latency", "shop/cart", T0)).toEqual({ known: false, reason: "Absent" });
	store.ingest([sample(T0 - STEP, 1)], T0);
	expect(window(store, T0)).toEqual([Number.NaN, Number.NaN, 1, Number.NaN]);
	expect(window(store, T0, "shop/other")).toEqual([Number.NaN, Number.NaN, Number.NaN, 5]);
});

/** The plain reading of the contract: the newest sample of each step, by brute force. */
function expected(samples: readonly MetricSample[], now: number): number[] {
	const head = Math.floor(now / STEP);
	return [3, 2, 1, 0].map((back) => {
		const inStep = samples.filter(({ at }) => Math.floor(at / STEP) === head - back);
		const newest = inStep.toSorted((left, right) => left.at - right.at).at(-1);
		return newest && newest.value >= 0 && newest.value <= 60 ? newest.value : Number.NaN;
	});
}

const anySamples = fc.uniqueArray(
	fc.record({
		metric: fc.constant("latency"),
		entity: fc.constant("shop/cart"),
		at: fc.integer({ min: T0 - 6 * STEP, max: T0 + STEP - 1 }),
		value: fc.oneof(fc.double({ min: -1, max: 61 }), fc.constant(Number.POSITIVE_INFINITY)),
	}),
	{ selector: (sample) => sample.at, maxLength: 30 },
);

test("any order, split and repetition of the same samples gives the same window", () => {
	fc.assert(
		fc.property(anySamples, fc.array(fc.nat(29)), fc.integer({ min: 0, max: STEP - 1 }), (samples, repeats, offset) => {
			const now = T0 + offset;
			const store = new MetricStore([latency], { steps: 4, stepSeconds: 30 });
			store.ingest(samples.slice(0, 7), now);
			store.ingest(samples, now);
			store.ingest(
				repeats.map((index) => samples[index % Math.max(1, samples.length)]).filter((sample) => sample !== undefined),
				now,
			);
			const seen = samples.filter(({ at }) => Math.floor(at / STEP) <= Math.floor(now / STEP));
			expect([...store.window("latency", "shop/cart", now)]).toEqual(expected(seen, now));
		}),
	);
});

test("time passing between ingests gives the same window as one ingest at the end", () => {
	fc.assert(
		fc.property(anySamples, (samples) => {
			const inOrder = samples.toSorted((left, right) => left.at - right.at);
			const stepwise = new MetricStore([latency], { steps: 4, stepSeconds: 30 });
			for (const sample of inOrder) stepwise.ingest([sample], sample.at);
			expect([...stepwise.window("latency", "shop/cart", T0)]).toEqual(expected(inOrder, T0));
		}),
	);
});

describe("the history of a workload", () => {
	function longStore(...samples: MetricSample[]): MetricStore {
		const store = new MetricStore([latency, cpu], { steps: 2, historySteps: 5, stepSeconds: 30 });
		store.ingest(samples, T0);
		return store;
	}

	test("reaches further back than the window, which is its end", () => {
		const store = longStore(...[5, 4, 3, 2, 1, 0].map((ago) => sample(T0 - ago * STEP, 10 - ago)));
		expect([...store.history("latency", "shop/cart", T0)]).toEqual([6, 7, 8, 9, 10]);
		expect(window(store, T0)).toEqual([9, 10]);
		expect([...store.history("latency", "shop/cart", T0 + 2 * STEP)]).toEqual([8, 9, 10, Number.NaN, Number.NaN]);
		expect([...store.history("latency", "shop/cart", T0 - STEP)]).toEqual([Number.NaN, Number.NaN, Number.NaN, 8, 9]);
		expect(store.since("latency", "shop/cart", 0, T0 + 2 * STEP)).toEqual([8, 9, 10]);
	});

	test("is Unknown of what was never measured, and a window long for nodes", () => {
		const store = longStore({ ...sample(T0, 3, "node-a"), metric: "node_cpu_usage" });
		expect([...store.history("latency", "shop/cart", T0)]).toEqual(Array(5).fill(Number.NaN));
		expect([...store.history("node_cpu_usage", "node-a", T0)]).toEqual([Number.NaN, 3]);
	});
});
