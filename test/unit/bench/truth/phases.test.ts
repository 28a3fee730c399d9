import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { phaseAt, violationsByPhase } from "../../../../bench/truth/scoring/phases.ts";
import { scriptOf } from "../../../../bench/truth/script.ts";

const SCRIPT = {
	neighbours: [{ name: "batch", node: "fast", from: 20, to: 50 }],
	troubles: [
		{ node: "medium", from: 40, to: 60, kind: { name: "Slow", speed: 0.1 } },
		{ node: "medium", from: 70, to: 80, kind: { name: "Killed" } },
	],
} as const;

function windows(means: readonly number[]) {
	return means.map((mean, index) => ({ from: index * 10_000, mean }));
}

describe("phaseAt", () => {
	it("names all that goes on", () => {
		expect([0, 20, 45, 50, 60, 70].map((second) => phaseAt(SCRIPT, second))).toEqual([
			"calm",
			"batch on fast",
			"batch on fast, medium slowed down",
			"medium slowed down",
			"calm",
			"medium killed",
		]);
	});
});

describe("violationsByPhase", () => {
	it("adds up app-seconds beyond the target, phases in order", () => {
		const found = violationsByPhase(SCRIPT, [
			{ windows: windows([0.1, 0.3, 0.3, 0.1, 0.3, 0.3, Number.NaN, 0.3]), target: 0.2 },
			{ windows: windows([0.1, 0.3, 0.3, 0.1, 0.3, 0.3, 0.1, 0.3]), target: 1 },
		]);
		expect([...found]).toEqual([
			["calm", { seconds: 60, violated: 10 }],
			["batch on fast", { seconds: 40, violated: 10 }],
			["batch on fast, medium slowed down", { seconds: 20, violated: 10 }],
			["medium slowed down", { seconds: 20, violated: 10 }],
			["medium killed", { seconds: 20, violated: 10 }],
		]);
	});

	it("loses no second, whatever the script's length", () => {
		const means = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 90 });
		fc.assert(
			fc.property(means, fc.integer({ min: 2, max: 15 }), (values, minutes) => {
				const found = [...violationsByPhase(scriptOf(minutes), [{ windows: windows(values), target: 1 }]).values()];
				const sum = (of: "seconds" | "violated"): number => found.reduce((total, figures) => total + figures[of], 0);
				expect(sum("seconds")).toBe(values.length * 10);
				expect(sum("violated")).toBe(values.filter((value) => value > 1).length * 10);
			}),
		);
	});
});
