import fc from "fast-check";
import { expect, it } from "vitest";
import { type Prediction, predictionAt } from "../../../src/core/prediction/prediction.ts";
import { Levels } from "../../../src/core/smoothing/levels.ts";
import { predicted, predictionTable } from "../recommendation/builders.ts";
import { random } from "../recommendation/simulation.ts";

const MINUTE = 60_000;

/** A node that gets into trouble and out of it, by predictions of five minutes made every minute. */
const troubled = fc
	.record({
		calm: fc.double({ min: 1, max: 100, noNaN: true }),
		worse: fc.double({ min: 1, max: 500, noNaN: true }),
		lasting: fc.integer({ min: 1, max: 40 }),
		shaken: fc.array(fc.double({ min: 0.8, max: 1.25, noNaN: true }), { minLength: 90, maxLength: 90 }),
	})
	.map(({ calm, worse, lasting, shaken }) =>
		shaken.map((factor, index) => {
			// A window of five steps goes over from one level to the other.
			const since = Math.min(Math.max(index - 20, 0), 5) / 5;
			const until = Math.min(Math.max(index - 20 - lasting, 0), 5) / 5;
			return calm * factor * (1 + (worse - 1) * (since - until));
		}),
	);

it("a level is never beyond what was seen: no latency is below zero", () => {
	fc.assert(
		fc.property(troubled, (values) => {
			const levels = new Levels();
			values.forEach((value, index) => {
				const table = predictionTable(["a", "b"], [predicted(value), predicted(50)]);
				levels.observe(table, { dataAt: (index + 1) * MINUTE, windowSeconds: 5 * 60 });
				const level = levels.smooth(table).value[0] as number;
				const seen = values.slice(0, index + 1);
				expect(level).toBeGreaterThanOrEqual(Math.min(...seen) * 0.999);
				expect(level).toBeLessThanOrEqual(Math.max(...seen) * 1.001);
			});
		}),
	);
});

it("a node that recovers from noisy trouble is found in three observations, however wild the trouble was", () => {
	const seeds = fc.integer({ min: 1, max: 1e6 });
	fc.assert(
		fc.property(seeds, fc.integer({ min: 20, max: 80 }), (seed, troubles) => {
			const next = random(seed);
			const levels = new Levels();
			const observe = (value: number, index: number): Prediction | undefined => {
				const table = predictionTable(["a", "b"], [predicted(value, value / 10), predicted(50)]);
				levels.observe(table, { dataAt: (index + 1) * 5 * MINUTE, windowSeconds: 0 });
				return predictionAt(levels.smooth(table), 0);
			};
			for (let index = 0; index < troubles; index += 1) observe(5000 * (0.4 + 1.2 * next()), index);
			let level: Prediction | undefined;
			for (let index = 0; index < 3; index += 1) level = observe(40 + 2 * next(), troubles + index);
			expect(level?.value).toBeLessThan(50);
			// Half of the noise that there was, as a share, on either side of it.
			expect(level?.upper).toBeLessThan(100);
		}),
	);
});
