import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Levels, type SmoothedTable } from "../../../src/core/smoothing/levels.ts";
import { predicted, predictionTable } from "../recommendation/builders.ts";
import { random } from "../recommendation/simulation.ts";

const MINUTE = 60_000;

/** Observes rows of values (NaN: Unknown), five minutes apart, and smooths the last. */
function after(rows: readonly (readonly number[])[], halfWidth = 0, levels = new Levels()): SmoothedTable {
	let smoothed: SmoothedTable | undefined;
	rows.forEach((row, index) => {
		const table = tableOf(row, halfWidth);
		levels.observe(table, { dataAt: (index + 1) * 5 * MINUTE, windowSeconds: 0 });
		smoothed = levels.smooth(table);
	});
	return smoothed as SmoothedTable;
}

function tableOf(row: readonly number[], halfWidth = 0) {
	return predictionTable(
		row.map((_, node) => `n${node}`),
		row.map((value) => (Number.isNaN(value) ? undefined : predicted(value, halfWidth))),
	);
}

function noisy(seed: number, means: readonly number[], ticks: number, sigma = 1): number[][] {
	const next = random(seed);
	return Array.from({ length: ticks }, () => means.map((mean) => mean + sigma * gaussian(next)));
}

function gaussian(next: () => number): number {
	return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

const seeds = fc.integer();

describe("noise", () => {
	it("is averaged out, and the interval says how far", () => {
		fc.assert(
			fc.property(seeds, (seed) => {
				const { value, lower, upper, support } = after(noisy(seed, [50, 60, 70, 80], 60));
				value.forEach((level, node) => {
					const observations = support[node] as number;
					// Five standard errors of a mean of so many, and the most that a 90 % interval may be wide.
					expect(Math.abs(level - (50 + 10 * node))).toBeLessThan(5 / Math.sqrt(observations));
					const width = (upper[node] as number) - (lower[node] as number);
					expect(width).toBeLessThan((2 * 1.645 * 2) / Math.sqrt(observations));
				});
			}),
		);
	});

	it("leaves what the model is unsure of beyond it", () => {
		const { lower, upper } = after(noisy(1, [100, 100], 60, 1), 30);
		expect((upper[0] as number) - (lower[0] as number)).toBeGreaterThan(59);
	});

	it("that grows tenfold makes intervals wide again, not the levels wrong", () => {
		fc.assert(
			fc.property(seeds, (seed) => {
				const calm = noisy(seed, [500, 500, 500], 60, 2);
				const wild = noisy(seed + 1, [500, 500, 500], 120, 20);
				const { value, lower, upper } = after([...calm, ...wild]);
				const inside = [0, 1, 2].filter((node) => {
					const half = Math.max((upper[node] as number) - (value[node] as number), 0);
					// Of the calm alone it would be 0.3.
					expect((value[node] as number) - (lower[node] as number)).toBeGreaterThan(1.2);
					return Math.abs((value[node] as number) - 500) <= 2 * half;
				});
				expect(inside.length).toBeGreaterThanOrEqual(1);
			}),
			{ numRuns: 50 },
		);
	});
});

describe("an outlier", () => {
	it("of any size moves the level by next to nothing", () => {
		fc.assert(
			fc.property(seeds, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (seed, wild) => {
				const rows = noisy(seed, [50, 60, 70], 40);
				const before = after(rows).value[1] as number;
				const level = after([...rows, [50, wild, 70]]).value[1] as number;
				expect(Math.abs(level - before)).toBeLessThan(0.3);
			}),
		);
	});

	it("is no change of level, not even twice at a level that no node ever showed", () => {
		const rows = noisy(3, [50, 60, 70], 40);
		const level = after([...rows, [500, 60, 70], [500, 60, 70]]).value[0] as number;
		expect(level).toBeLessThan(52);
	});
});

describe("a change of level", () => {
	it("is followed at its second observation where other nodes are, else at its third", () => {
		const rows = noisy(4, [50, 60, 70], 40);
		const near = after([...rows, [64, 60, 70], [65, 60, 70]]);
		expect(near.value[0]).toBeCloseTo(64.5, 4);
		expect(near.support[0]).toBe(2);
		const far = after([...rows, [500, 60, 70], [501, 60, 70], [499, 60, 70]]);
		expect(far.value[0]).toBeCloseTo(500, 3);
	});

	it("by two standard deviations is found in time, too", () => {
		const wins = Array.from({ length: 50 }, (_, seed) => {
			const rows = [...noisy(seed, [50, 60], 100), ...noisy(seed + 1000, [52, 60], 12)];
			return Math.abs((after(rows).value[0] as number) - 52) < 1;
		});
		expect(wins.filter(Boolean).length).toBeGreaterThan(40);
	});

	it("that goes on and on is followed: the flank of a day's sine, within a third of the noise", () => {
		const lags = Array.from({ length: 50 }, (_, seed) => {
			const next = random(seed);
			const mean = (tick: number) => 50 + 5 * Math.sin((2 * Math.PI * tick) / 288);
			const rows = Array.from({ length: 288 }, (_, tick) => [mean(tick) + gaussian(next), 50 + gaussian(next)]);
			return mean(287) - (after(rows).value[0] as number);
		});
		const mean = lags.reduce((sum, lag) => sum + lag, 0) / lags.length;
		expect(Math.abs(mean)).toBeLessThan(1 / 3);
	});

	it("that goes on and on is followed: a ramp without noise", () => {
		const rows = Array.from({ length: 60 }, (_, tick) => [100 + 10 * tick, 100]);
		expect(after(rows).value[0]).toBeGreaterThan(100 + 10 * 56);
	});
});

describe("gaps", () => {
	it("change nothing", () => {
		const rows = noisy(5, [50, 60], 40);
		const withGaps = rows.flatMap((row) => [row, [Number.NaN, Number.NaN]]);
		expect(after([...withGaps, [50, 60]]).value).toEqual(after([...rows, [50, 60]]).value);
	});

	it("stay Unknown", () => {
		expect(
			after([
				[50, 60],
				[51, 61],
				[Number.NaN, 60],
			]).value[0],
		).toBeNaN();
	});

	it("that last for long leave one observation's worth", () => {
		const levels = new Levels();
		const look = (value: number, minutes: number) => {
			const table = tableOf([value, value]);
			levels.observe(table, { dataAt: minutes * MINUTE, windowSeconds: 300 });
			return levels.smooth(table);
		};
		for (let tick = 0; tick < 40; tick += 1) look(100, 5 * tick);
		expect(look(100, 205).support[0]).toBeGreaterThan(30);
		expect(look(101, 205 + 7 * 24 * 60).support[0]).toBeLessThanOrEqual(2);
	});
});

describe("the same measurements", () => {
	it("count once", () => {
		const levels = new Levels();
		const table = tableOf([50, 60]);
		for (let times = 0; times < 9; times += 1) levels.observe(table, { dataAt: MINUTE, windowSeconds: 300 });
		expect(levels.smooth(table).support[0]).toBe(1);
	});

	it("in part count in part", () => {
		const levels = new Levels();
		for (let tick = 0; tick <= 10; tick += 1) {
			levels.observe(tableOf([50, 60]), { dataAt: tick * MINUTE, windowSeconds: 300 });
		}
		expect(levels.smooth(tableOf([50, 60])).support[0]).toBeCloseTo(3, 4);
	});
});

describe("what is known of the load since", () => {
	it("shows at once: predictions made anew are corrected by what was noise, not held to the level", () => {
		const levels = new Levels();
		after([...noisy(6, [50, 60], 40), [55, 60]], 0, levels);
		const { value } = levels.smooth(tableOf([110, 60]));
		expect(value[0]).toBeGreaterThan(95);
		expect(value[0]).toBeLessThan(105);
	});
});

const values = fc.array(fc.array(fc.double({ min: 1, max: 300, noNaN: true }), { minLength: 3, maxLength: 3 }), {
	minLength: 1,
	maxLength: 30,
});

describe("always", () => {
	it("the nodes' order does not matter", () => {
		fc.assert(
			fc.property(values, (rows) => {
				const levels = new Levels();
				const turned = (row: readonly number[]) =>
					predictionTable(
						["n2", "n1", "n0"],
						row.toReversed().map((value) => predicted(value)),
					);
				let there: SmoothedTable | undefined;
				rows.forEach((row, index) => {
					levels.observe(turned(row), { dataAt: (index + 1) * 5 * MINUTE, windowSeconds: 0 });
					there = levels.smooth(turned(row));
				});
				const here = after(rows);
				here.value.forEach((value, node) => {
					expect(there?.value[2 - node]).toBeCloseTo(value, 2);
				});
			}),
		);
	});

	it("turning values around turns levels around", () => {
		fc.assert(
			fc.property(values, (rows) => {
				const here = after(rows);
				const there = after(rows.map((row) => row.map((value) => -value)));
				expect(Array.from(there.value, (value) => -value)).toEqual(Array.from(here.value));
				expect(Array.from(there.lower, (value) => -value)).toEqual(Array.from(here.upper));
			}),
		);
	});

	it("the unit does not matter", () => {
		fc.assert(
			fc.property(values, (rows) => {
				const here = after(rows);
				const there = after(rows.map((row) => row.map((value) => value * 1024)));
				expect(Array.from(there.value, (value) => value / 1024)).toEqual(Array.from(here.value));
			}),
		);
	});

	it("a node that joins does not disturb the others' memory", () => {
		const levels = new Levels();
		const rows = noisy(7, [50, 60], 40);
		after(rows, 0, levels);
		const joined = tableOf([50, 60, 55]);
		levels.observe(joined, { dataAt: 41 * 5 * MINUTE, windowSeconds: 0 });
		const { support } = levels.smooth(joined);
		expect(support[0]).toBeGreaterThan(10);
		expect(support[2]).toBe(1);
	});
});
