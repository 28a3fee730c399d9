import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillGaps, MAX_STALE_STEPS, median } from "../../../src/core/features/window.ts";

function filled(window: readonly number[]) {
	const values = new Float32Array(window.length);
	const quality = fillGaps(Float64Array.from(window), { values, offset: 0 });
	return { ...quality, values: [...values] };
}

describe("fillGaps", () => {
	it("carries the last known value forward and the first one back", () => {
		expect(filled([Number.NaN, 1, Number.NaN, 3, Number.NaN])).toEqual({
			state: "Known",
			missing: 3 / 5,
			values: [1, 1, 1, 3, 3],
		});
	});

	it("is absent without any value", () => {
		expect(filled([Number.NaN, Number.NaN])).toEqual({
			state: "Absent",
			missing: 1,
			values: [Number.NaN, Number.NaN],
		});
	});

	it.each([
		[MAX_STALE_STEPS, "Known"],
		[MAX_STALE_STEPS + 1, "Stale"],
	])("with %i newest steps missing is %s", (missing, state) => {
		const window = [1, 1, 1, 1, 1, ...Array.from({ length: missing }, () => Number.NaN)];
		expect(filled(window).state).toBe(state);
	});

	it("never makes a number of what is not known", () => {
		const value = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 1, max: 9 }));
		fc.assert(
			fc.property(fc.array(value, { minLength: 1, maxLength: 12 }), (window) => {
				const { state, values } = filled(window);
				if (state === "Known") expect(values.every((each) => window.includes(each))).toBe(true);
				else expect(values.every(Number.isNaN)).toBe(true);
			}),
		);
	});
});

describe("median", () => {
	it.each([
		[[], undefined],
		[[3], 3],
		[[4, 1], 2.5],
		[[9, 1, 2], 2],
	])("of %j is %s", (values, expected) => {
		expect(median(values)).toBe(expected);
	});
});
