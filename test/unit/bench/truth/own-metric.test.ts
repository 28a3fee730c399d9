import { describe, expect, it } from "vitest";
import { followUpByOwnMetric } from "../../../../bench/truth/scoring/own-metric.ts";
import type { Forecast } from "../../../../bench/truth/scoring/predictions.ts";

/** Every two seconds, of an app that is on `n` and predicted to take 0.1 s there. */
function reports(seconds: number, more: (second: number) => Partial<Forecast> = () => ({})): readonly Forecast[] {
	return Array.from({ length: seconds / 2 + 1 }, (_, index) => ({
		app: "a",
		at: 2000 * index,
		horizonSeconds: 30,
		node: "n",
		measured: 0.1,
		predicted: new Map([["n", { value: 0.1, lower: 0.09, upper: 0.11 }]]),
		...more(2 * index),
	}));
}

describe("followUpByOwnMetric", () => {
	it("is the mean of what was measured after the prediction, up to its horizon", () => {
		const measured = (second: number) => (second <= 4 || second > 30 ? 9 : 0.2);
		const [first] = followUpByOwnMetric(reports(40, (second) => ({ measured: measured(second) })));
		expect(first).toMatchObject({ app: "a", node: "n", at: 0, isCovered: false });
		expect(first?.error).toBeCloseTo(-0.5, 9);
	});

	it("says nothing of horizons that have not passed, were left, or hardly measured", () => {
		expect(followUpByOwnMetric(reports(30))).toEqual([]);
		expect(followUpByOwnMetric(reports(32))).toHaveLength(1);
		expect(followUpByOwnMetric(reports(32, (second) => ({ node: second === 20 ? "m" : "n" })))).toEqual([]);
		expect(followUpByOwnMetric(reports(32, (second) => (second % 4 === 0 ? {} : { measured: undefined })))).toEqual([]);
	});

	it("keeps apps apart", () => {
		const other = reports(32, () => ({ app: "b", measured: 0.05 }));
		const both = followUpByOwnMetric([...reports(32), ...other]);
		expect(both.map(({ app, error }) => [app, Math.round(error * 10) / 10])).toEqual([
			["a", 0],
			["b", 1],
		]);
	});
});
