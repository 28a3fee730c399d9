import { expect, it } from "vitest";
import { excess } from "../../../src/core/features/range.ts";

it.each([
	[{ min: 0, max: 2 }, 0, 2, 0],
	[{ min: 0, max: 2 }, 1, 3, 0.5],
	[{ min: 0, max: 2 }, -0.5, 1, 0.25],
	[{ min: 0, max: 2 }, 1, 99, 1],
	[{ min: 0, max: Number.POSITIVE_INFINITY }, -1, 5, 1],
	[{ min: 0, max: Number.POSITIVE_INFINITY }, 0, 1e30, 0],
	[{ min: 3, max: 3 }, 3, 3, 0],
])("of %j, %d to %d is %d", (range, lowest, highest, expected) => {
	expect(excess(range, lowest, highest)).toBe(expected);
});
