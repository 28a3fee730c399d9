import { describe, expect, it } from "vitest";
import { everySecond } from "../../../demo/measure.ts";

describe("everySecond", () => {
	const from = 1_700_000_000_250;

	it("puts points on a grid of seconds and leaves holes where there is no number", () => {
		const points: [number, string][] = [
			[1_700_000_000.25, "0.1"],
			[1_700_000_002.25, "NaN"],
			[1_700_000_003.25, "0.4"],
		];
		expect(everySecond(points, { from, to: from + 3999 })).toEqual([
			{ at: 0, value: 0.1 },
			{ at: 1, value: undefined },
			{ at: 2, value: undefined },
			{ at: 3, value: 0.4 },
		]);
	});

	it("has a hole for every second when Prometheus knows nothing", () => {
		expect(everySecond([], { from, to: from + 2000 }).map(({ value }) => value)).toEqual([
			undefined,
			undefined,
			undefined,
		]);
	});
});
