import { describe, expect, it } from "vitest";
import { Calibration } from "../../../src/core/calibration/calibration.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import { around, HORIZON, live, normal, random, type Stream } from "./streams.ts";

/** Half a week of steps; the first half day is not scored. */
const STEPS = 10_080;
const FROM = 1_440;

type Noise = (seed: number) => (step: number) => number;

const NOISES: Readonly<Record<string, Noise>> = {
	normal: (seed) => {
		const draw = normal(random(seed));
		return () => 100 + 20 * draw();
	},
	"heavy-tailed": (seed) => {
		const next = random(seed);
		// Pareto with tail index 2: a finite mean, no finite variance.
		return () => 80 + 10 * (1 - next()) ** -0.5;
	},
	"slowly swinging": (seed) => {
		const draw = normal(random(seed));
		let swing = 0;
		return () => {
			swing = 0.98 * swing + 4 * draw();
			return 100 + swing + 10 * draw();
		};
	},
	drifting: (seed) => {
		const draw = normal(random(seed));
		return (step) => (100 + 0.02 * step) * (1 + (0.05 + (0.3 * step) / STEPS) * draw());
	},
	"regime changes": (seed) => {
		const draw = normal(random(seed));
		return (step) => (Math.floor(step / 2_500) % 2 === 0 ? 100 + 10 * draw() : 160 + 60 * draw());
	},
	"day and night": (seed) => {
		const draw = normal(random(seed));
		return (step) => 100 + 30 * Math.sin((2 * Math.PI * step) / 2_880) + (step % 2_880 < 1_440 ? 30 : 5) * draw();
	},
};

/** The mean of the last window, with an interval that is much too narrow, about right or much too wide. */
function persistence(share: number): Stream["predicted"] {
	return (_step, past): Prediction => {
		const window = past.slice(-HORIZON);
		return around(window.reduce((sum, value) => sum + value, 0) / window.length, share);
	};
}

describe.each(Object.keys(NOISES))("%s noise", (name) => {
	const noise = NOISES[name] as Noise;

	it.each([0.01, 0.1, 1])("is covered to 90 %% from an interval of +- %s of the value", (share) => {
		const stream = { steps: STEPS, measured: noise(1), predicted: persistence(share) };
		const score = live(new Calibration(), stream, FROM);
		expect(score.coverage).toBeGreaterThan(0.88);
		expect(score.coverage).toBeLessThan(0.92);
		// Each side for itself: an interval that is right on the whole may be wrong on both sides.
		expect(score.missedBelow).toBeLessThan(0.07);
		expect(score.missedAbove).toBeLessThan(0.07);
	});
});
