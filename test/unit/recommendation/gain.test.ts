import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moveCost } from "../../../src/core/recommendation/cost.ts";
import { breaches, gainOf, pessimistic } from "../../../src/core/recommendation/gain.ts";
import { normalQuantile } from "../../../src/core/recommendation/normal.ts";
import { policy } from "../cluster-core/builders.ts";
import { predicted } from "./builders.ts";

const objective = policy().objective;
const at95 = { objective, confidence: 0.95 };
const finite = fc.double({ min: -1e4, max: 1e4, noNaN: true });
const width = fc.double({ min: 0, max: 1e3, noNaN: true });
const confidence = fc.double({ min: 0.51, max: 0.999, noNaN: true });
/** Two predictions as value and half width, and a confidence. */
const comparison = fc.record({ a: finite, wide: width, b: finite, narrow: width, level: confidence });

function mirrored({ value, lower, upper }: ReturnType<typeof predicted>) {
	return { value: -value, lower: -upper, upper: -lower };
}

describe("normalQuantile", () => {
	it.each([
		[0.5, 0],
		[0.9, 1.2816],
		[0.95, 1.6449],
		[0.975, 1.96],
		[0.999, 3.0902],
		[0.05, -1.6449],
	])("of %d", (probability, expected) => {
		expect(Math.abs(normalQuantile(probability) - expected)).toBeLessThan(5e-4);
	});
});

describe("gain", () => {
	it.each([
		[predicted(200, 10), predicted(100, 10), 1, 0.859],
		[{ value: 200, lower: 160, upper: 300 }, { value: 100, lower: 90, upper: 130 }, 1, 0.5],
		[predicted(110, 10), predicted(100, 10), 0.1, -0.041],
	])("of leaving %o for %o", (current, other, value, lowerBound) => {
		const gain = gainOf(current, other, at95);
		expect(gain?.value).toBeCloseTo(value, 6);
		expect(gain?.lowerBound).toBeCloseTo(lowerBound, 3);
	});

	it("is a share of the current value without a target, and cannot be said over 0", () => {
		const free = { objective: { ...objective, target: undefined }, confidence: 0.95 };
		expect(gainOf(predicted(200), predicted(100), free)).toMatchObject({ value: 0.5, lowerBound: 0.5 });
		expect(gainOf(predicted(0), predicted(-1), free)).toBeUndefined();
	});

	it("turns round with the direction", () => {
		fc.assert(
			fc.property(comparison, ({ a, wide, b, narrow, level }) => {
				const minimize = gainOf(predicted(a, wide), predicted(b, narrow), { objective, confidence: level });
				const maximize = gainOf(mirrored(predicted(a, wide)), mirrored(predicted(b, narrow)), {
					objective: { ...objective, direction: "Maximize" },
					confidence: level,
				});
				expect(maximize?.value).toBeCloseTo(minimize?.value as number, 9);
				expect(maximize?.lowerBound).toBeCloseTo(minimize?.lowerBound as number, 9);
			}),
		);
	});

	it("grows as the candidate gets better, and its bound falls with doubt and confidence", () => {
		fc.assert(
			fc.property(comparison, fc.double({ min: 0, max: 100, noNaN: true }), ({ a, b, wide, level }, more) => {
				const at = (value: number, halfWidth: number, chosen: number) =>
					gainOf(predicted(a, 5), predicted(value, halfWidth), { objective, confidence: chosen })?.lowerBound as number;
				const bound = at(b, wide, level);
				expect(at(b - more, wide, level)).toBeGreaterThanOrEqual(bound);
				expect(at(b, wide + more, level)).toBeLessThanOrEqual(bound);
				expect(at(b, wide, Math.min(0.999, level + 0.05))).toBeLessThanOrEqual(bound + 1e-9);
			}),
		);
	});

	it("keeps what is confidently better ahead in the ranking", () => {
		fc.assert(
			fc.property(comparison, ({ a, wide, b, narrow, level }) => {
				const gain = gainOf(predicted(a, wide), predicted(b, narrow), { objective, confidence: level });
				fc.pre(gain !== undefined && gain.lowerBound > 0);
				const there = pessimistic(predicted(b, narrow), "Minimize", level);
				expect(there).toBeLessThan(pessimistic(predicted(a, wide), "Minimize", level));
			}),
		);
	});
});

describe("breaches", () => {
	it("is on the worse side of the target, and never without one", () => {
		expect(breaches(objective, 100.1)).toBe(true);
		expect(breaches(objective, 100)).toBe(false);
		expect(breaches({ ...objective, direction: "Maximize" }, 99.9)).toBe(true);
		expect(breaches({ ...objective, target: undefined }, 1e9)).toBe(false);
	});
});

describe("moveCost", () => {
	const surge = { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 } as const;

	it.each([
		[surge, 900, 0.0067],
		[surge, 0, 0.02],
		[{ ...surge, type: "Recreate" } as const, 900, 0.0333],
		[{ ...surge, maxSurge: 0, maxUnavailable: 1 }, 900, 0.0333],
	])("with %o and a cooldown of %i s", (strategy, cooldownSeconds, cost) => {
		const { rebalance } = policy();
		expect(moveCost(policy({ rebalance: { ...rebalance, cooldownSeconds } }), strategy)).toBeCloseTo(cost, 4);
	});
});
