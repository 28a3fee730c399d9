import fc from "fast-check";
import { expect, it } from "vitest";
import { deliveredShare, SATURATION, slowdown } from "../../../src/core/model/response.ts";

const utilization = fc.double({ min: 0, max: 100, noNaN: true });

it.each([
	[0, 1, 1],
	[0.5, 2, 1],
	[0.8, 5, 0.98],
	[SATURATION, 20, 0.94],
	[1, 40, 0.92],
	[2, 440, 0.5],
])("at utilization %d the slowdown is %d and %d is delivered", (used, slower, delivered) => {
	expect(slowdown(used)).toBeCloseTo(slower, 6);
	expect(deliveredShare(used)).toBeCloseTo(delivered, 2);
});

it("is monotone and finite", () => {
	fc.assert(
		fc.property(utilization, utilization, (one, other) => {
			const [low, high] = [Math.min(one, other), Math.max(one, other)];
			expect(slowdown(low)).toBeLessThanOrEqual(slowdown(high));
			expect(deliveredShare(low)).toBeGreaterThanOrEqual(deliveredShare(high));
			expect(Number.isFinite(slowdown(high))).toBe(true);
			expect(deliveredShare(high)).toBeGreaterThan(0);
		}),
	);
});
