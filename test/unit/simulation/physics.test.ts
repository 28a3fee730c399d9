import * as fc from "fast-check";
import { expect, test } from "vitest";
import { processingTime, responseTime, servedShare } from "../../../simulation/physics.ts";

const app = { serviceTime: 1, baseLatency: 0, sensitivity: 1, timeout: 1000 };

test.each([
	[0, 1],
	[0.5, 2],
	[0.8, 5],
	[0.9, 10],
	[0.95, 20],
	[1, 40],
	[1.2, 120],
])("at a load of %d a request takes %d service times", (load, times) => {
	expect(processingTime(app, 1, load)).toBeCloseTo(times, 6);
	expect(processingTime(app, 2, load)).toBeCloseTo(times / 2, 6);
	expect(processingTime({ ...app, sensitivity: 0 }, 1, load)).toBe(1);
});

test("the timeout bounds the whole request, the base latency comes on top of the CPU", () => {
	expect(responseTime({ ...app, baseLatency: 3 }, 1, 0)).toBe(4);
	expect(responseTime({ ...app, baseLatency: 3, timeout: 3.5 }, 1, 0)).toBe(3.5);
});

test("time on the CPU rises with the load and without a jump", () => {
	const load = fc.double({ min: 0, max: 3, noNaN: true });
	fc.assert(
		fc.property(load, load, (one, other) => {
			const [low, high] = [Math.min(one, other), Math.max(one, other)];
			const rise = processingTime(app, 1, high) - processingTime(app, 1, low);
			expect(rise).toBeGreaterThanOrEqual(0);
			// Its slope is steepest beyond saturation: 1 / (1 - 0.95)^2.
			expect(rise).toBeLessThanOrEqual(400.001 * (high - low) + 1e-9);
		}),
	);
});

test("an overloaded node serves what it can", () => {
	expect([0, 0.5, 1, 2, 4].map(servedShare)).toEqual([1, 1, 1, 0.5, 0.25]);
});
