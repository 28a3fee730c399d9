import fc from "fast-check";
import { expect, it } from "vitest";
import { deliveredShare, SATURATION, slowdown } from "../../../src/core/model/response.ts";

const load = fc.double({ min: 0, max: 100, noNaN: true });

it.each([
	[0, 1],
	[0.5, 2],
	[0.8, 5],
	[SATURATION, 20],
	[1, 40],
	[2, 440],
])("at utilization %d the slowdown is %d", (utilization, expected) => {
	expect(slowdown(utilization)).toBeCloseTo(expected, 6);
});

it.each([
	[0, 1],
	[0.5, 1],
	[0.8, 0.98],
	[1, 0.92],
	[1.25, 0.78],
	[2, 0.5],
])("with a need of %d times the headroom %d is delivered", (need, expected) => {
	expect(deliveredShare(need)).toBeCloseTo(expected, 2);
});

it("is monotone and finite", () => {
	fc.assert(
		fc.property(load, load, (one, other) => {
			const [low, high] = [Math.min(one, other), Math.max(one, other)];
			expect(slowdown(low)).toBeLessThanOrEqual(slowdown(high));
			expect(deliveredShare(low)).toBeGreaterThanOrEqual(deliveredShare(high));
			expect(Number.isFinite(slowdown(high))).toBe(true);
			expect(deliveredShare(high)).toBeGreaterThan(0);
		}),
	);
});
