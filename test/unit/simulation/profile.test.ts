import { expect, test } from "vitest";
import { type Profile, valueAt } from "../../../simulation/profile.ts";

function profile(part: Partial<Profile>): Profile {
	return { base: 0, steps: [], waves: [], pulses: [], ...part };
}

function at(part: Partial<Profile>, ...times: number[]): number[] {
	return times.map((time) => valueAt(profile(part), time, 1, "x"));
}

test("steps set the level from their time on", () => {
	const steps = [
		{ at: 10, value: 5 },
		{ at: 20, value: 2 },
	];
	expect(at({ base: 1, steps }, 0, 9.99, 10, 19, 20, 1e6)).toEqual([1, 1, 5, 5, 2, 2]);
});

test("a wave is highest at its peak, and the sum never falls below 0", () => {
	const [peak, middle, low] = at({ base: 2, waves: [{ amplitude: 3, period: 24, peak: 12 }] }, 12, 18, 0);
	expect([peak, low]).toEqual([5, 0]);
	expect(middle).toBeCloseTo(2, 10);
});

test("pulses come once in every period, for so long", () => {
	const pulses = [{ value: 8, first: 5, every: 10, lasting: 2, jitter: 0 }];
	expect(at({ base: 1, pulses }, 0, 5, 6.99, 7, 14.99, 15, 1005)).toEqual([1, 9, 9, 1, 1, 9, 9]);
});

test("jitter delays each pulse by its own share, the same one for the same seed", () => {
	const pulses = [{ value: 1, first: 0, every: 100, lasting: 10, jitter: 50 }];
	const starts = (seed: number) =>
		Array.from({ length: 20 }, (_, round) => {
			const times = Array.from({ length: 100 }, (_, second) => second);
			return times.findIndex((second) => valueAt(profile({ pulses }), 100 * round + second, seed, "x") === 1);
		});
	expect(starts(1)).toEqual(starts(1));
	expect(starts(1)).not.toEqual(starts(2));
	expect(Math.min(...starts(1))).toBeGreaterThanOrEqual(0);
	expect(Math.max(...starts(1))).toBeLessThanOrEqual(50);
	expect(new Set(starts(1)).size).toBeGreaterThan(10);
});
