import { expect, it } from "vitest";
import { widening } from "../../../src/core/prediction/interval.ts";

it.each([
	[0, 0, 1],
	[0.1, 0, 1.4],
	[1, 0, 5],
	[0, 0.5, 1.5],
])("an excess of %d and %d of the steps missing widen by %d", (excess, missing, factor) => {
	expect(widening(excess, missing)).toBeCloseTo(factor, 12);
});
