import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearScale, logarithmicScale } from "../../../src/charts/scale.ts";

describe("linearScale", () => {
	it("maps the ends of the domain onto the ends of the range, with a tick at every step", () => {
		const scale = linearScale([0, 60], [100, 400], 15);
		expect([scale.position(0), scale.position(30), scale.position(60)]).toEqual([100, 250, 400]);
		expect(scale.ticks).toEqual([0, 15, 30, 45, 60]);
	});
});

describe("logarithmicScale", () => {
	it("gives equal factors equal heights", () => {
		const scale = logarithmicScale([0.01, 1], [200, 0]);
		expect(scale.position(0.01) - scale.position(0.1)).toBeCloseTo(scale.position(0.1) - scale.position(1), 9);
	});

	it("keeps every value inside the range and has a few ticks inside", () => {
		const latencies = fc.array(fc.double({ min: 1e-4, max: 1e3, noNaN: true }), { minLength: 1 });
		fc.assert(
			fc.property(latencies, (values) => {
				const scale = logarithmicScale(values, [200, 0]);
				for (const value of [...values, ...scale.ticks]) {
					expect(scale.position(value)).toBeGreaterThanOrEqual(-1e-9);
					expect(scale.position(value)).toBeLessThanOrEqual(200 + 1e-9);
				}
				expect(scale.ticks.length).toBeLessThanOrEqual(9);
			}),
		);
	});

	it("has exact ticks", () => {
		expect(logarithmicScale([0.01, 0.3], [200, 0]).ticks).toEqual([0.01, 0.02, 0.05, 0.1, 0.2]);
	});

	it("stands on no values at all", () => {
		expect(logarithmicScale([], [200, 0]).ticks.length).toBeGreaterThan(0);
	});
});
