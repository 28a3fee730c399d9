import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nominalRate } from "../../../src/core/features/nominal-rate.ts";
import { slowdown } from "../../../src/core/model/response.ts";
import { APP, FPS } from "../prediction/world.ts";
import { ON_A, observe, situation } from "./situation.ts";

/** An app on a node of 4 cores, its target being 24 fps. */
function estimate(fps: number, utilization: number, target: number | undefined = 24) {
	const world = { nodes: { a: { cpu: 4 * utilization } }, workloads: { [APP]: { fps } } };
	return nominalRate(situation({ ...ON_A, objective: { ...FPS, target } }), observe(world));
}

describe("nominalRate", () => {
	it("is what is measured while the target is met, within the headroom there is", () => {
		expect(estimate(29, 0.5)).toMatchObject({ value: expect.closeTo(29, 6), headroomNeed: 0.2 });
		expect(estimate(29, 0.9)?.headroomNeed).toBeCloseTo(0.1 / 1.5, 6);
	});

	it("is guessed from the target while that is missed, and explains what is measured", () => {
		fc.assert(
			fc.property(
				fc.double({ min: 1, max: 23, noNaN: true }),
				fc.double({ min: 0, max: 1.2, noNaN: true }),
				(fps, used) => {
					const { value, headroomNeed, spread } = estimate(fps, used) ?? { value: 0, headroomNeed: 0, spread: 0 };
					expect(value).toBe(30);
					expect(spread).toBeGreaterThan(0.2);
					expect(value / slowdown(used) / headroomNeed).toBeCloseTo(fps, 6);
				},
			),
		);
	});

	it("is what is measured without a target", () => {
		const world = { nodes: { a: { cpu: 2 } }, workloads: { [APP]: { fps: 12 } } };
		const objective = { ...FPS, target: undefined };
		expect(nominalRate(situation({ ...ON_A, objective }), observe(world))?.value).toBeCloseTo(12, 6);
	});

	it("is a prior from the target without measurements, and Unknown without both", () => {
		const nodes = { a: { cpu: 2 } };
		expect(nominalRate(situation({ objective: FPS }), observe({ nodes }))).toMatchObject({ value: 30, spread: 0.3 });
		const objective = { ...FPS, target: undefined };
		expect(nominalRate(situation({ ...ON_A, objective }), observe({ nodes }))).toBeUndefined();
	});

	it("takes a rate of 0 for no evidence", () => {
		expect(estimate(0, 0.5)).toEqual({ value: 30, spread: 0.3, headroomNeed: 0.2 });
	});
});
