import fc from "fast-check";
import { expect, it } from "vitest";
import { lived, outcome, prediction } from "./histories.ts";
import { calibrated } from "./streams.ts";

const PLACE = { workload: "x/1", node: "a", least: Number.NEGATIVE_INFINITY } as const;

it("is free of scale", () => {
	fc.assert(
		fc.property(
			fc.array(outcome, { minLength: 1, maxLength: 30 }),
			prediction,
			fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
			(history, raw, scale) => {
				const one = calibrated(lived(history), raw, PLACE);
				const scaled = { value: raw.value * scale, lower: raw.lower * scale, upper: raw.upper * scale };
				const other = calibrated(lived(history, scale), scaled, PLACE);
				expect(other.value / scale / one.value).toBeCloseTo(1, 3);
				expect((other.upper - other.lower) / scale / (one.upper - one.lower)).toBeCloseTo(1, 3);
			},
		),
	);
});

it("turns with the sign", () => {
	fc.assert(
		fc.property(fc.array(outcome, { minLength: 1, maxLength: 30 }), prediction, (history, raw) => {
			const one = calibrated(lived(history), raw, PLACE);
			const negated = { value: -raw.value, lower: -raw.upper, upper: -raw.lower };
			const other = calibrated(lived(history, -1), negated, PLACE);
			expect([-other.value, -other.upper, -other.lower]).toEqual([one.value, one.lower, one.upper]);
		}),
	);
});

it("is deterministic", () => {
	fc.assert(
		fc.property(fc.array(outcome, { maxLength: 30 }), prediction, (history, raw) => {
			expect(calibrated(lived(history), raw, PLACE)).toEqual(calibrated(lived(history), raw, PLACE));
		}),
	);
});
