import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stretchedBelow, widening } from "../../../src/core/prediction/interval.ts";

it.each([
	[0, 0, 1],
	[0.1, 0, 1.4],
	[1, 0, 5],
	[0, 0.5, 1.5],
])("an excess of %d and %d of the steps missing widen by %d", (excess, missing, factor) => {
	expect(widening(excess, missing)).toBeCloseTo(factor, 12);
});

describe("the lower half of an interval", () => {
	it.each([
		[20, 0.5, 100, 10],
		[20, 1, 100, 20],
		[20, 2, 100, 100 / 3],
		[20, 10, 100, 1000 / 14],
		[20, 2, Number.POSITIVE_INFINITY, 40],
		[100, 3, 100, 100],
		[100, 0.5, 100, 50],
		[0, 3, 0, 0],
	])("of %d, %d times, with room for %d, is %d", (half, factor, room, stretched) => {
		expect(stretchedBelow(half, factor, room)).toBeCloseTo(stretched, 9);
	});

	it("stays within its room, grows with the factor, and twice in two steps is four times in one", () => {
		const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
		const factor = fc.double({ min: 1, max: 100, noNaN: true });
		fc.assert(
			fc.property(positive, fc.integer({ min: 0, max: 1000 }), factor, factor, (room, thousandths, one, other) => {
				const half = (thousandths / 1000) * room;
				const stretched = stretchedBelow(half, one, room);
				expect(stretched).toBeLessThanOrEqual(room * (1 + 1e-9));
				expect(stretched).toBeGreaterThanOrEqual(half * (1 - 1e-9));
				expect(stretchedBelow(stretched, other, room) / room).toBeCloseTo(
					stretchedBelow(half, one * other, room) / room,
					6,
				);
			}),
		);
	});
});
