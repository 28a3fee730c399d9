import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { policy } from "../cluster-core/builders.ts";
import { predicted } from "./builders.ts";
import { type Move, random, simulate, type World } from "./simulation.ts";

const TICK_SECONDS = 300;
/** Ten days. */
const TICKS = 2880;
/** True QoS per node, higher is better; the prediction adds noise of U(0, 5). */
const FAR = [25, 22, 20, 19, 15, 14];
const CLOSE = [25, 24.5, 24, 19, 15, 14];
const NOISE = 5;
/** A 90 % interval of U(0, 5) is this wide on either side. */
const HALF_WIDTH = 0.45 * NOISE;

const maximize = policy({
	objective: { metric: "qos", direction: "Maximize", target: 25, horizonSeconds: 300, aggregate: "Mean" },
});

function rebalance(changes: Partial<Policy["rebalance"]>): Policy {
	return { ...maximize, rebalance: { ...maximize.rebalance, ...changes } };
}

interface Scenario {
	readonly truth: (tick: number) => readonly number[];
	readonly next: () => number;
}

/** Moves and the mean true QoS where the workload was. */
function live({ truth, next }: Scenario) {
	const world: World = (tick) => truth(tick).map((value) => predicted(value + next() * NOISE, HALF_WIDTH));
	const { moves, nodeAt } = simulate({ policy: maximize, ticks: TICKS, tickSeconds: TICK_SECONDS, start: 5, world });
	const mean = nodeAt.reduce((sum, node, tick) => sum + (truth(tick)[node] as number), 0) / TICKS;
	return { moves: moves.length, mean };
}

/** Once in every 72 ticks node 0 loses 8 for 24 ticks. */
function withDrops(next: () => number): (tick: number) => readonly number[] {
	const drops = Array.from({ length: TICKS / 72 }, (_, index) => index * 72 + Math.floor(next() * 48));
	const worse = [17, ...FAR.slice(1)];
	return (tick) => {
		const begin = drops[Math.floor(tick / 72)] ?? 0;
		const isDropped = tick >= begin && tick < begin + 24;
		return isDropped ? worse : FAR;
	};
}

describe("flapping scenarios, ten days of five-minute ticks", () => {
	it.each([1, 2, 3])("A: finds the best node and stays (seed %i)", (seed) => {
		const { moves, mean } = live({ truth: () => FAR, next: random(seed) });
		expect(moves).toBeLessThanOrEqual(2);
		expect(mean).toBeGreaterThan(24.9);
	});

	it.each([1, 2, 3])("B: follows what is change, there and back (seed %i)", (seed) => {
		const next = random(seed);
		const { moves, mean } = live({ truth: withDrops(next), next });
		// An oracle moves twice per drop.
		expect(moves).toBeLessThanOrEqual(1.1 * 2 * (TICKS / 72));
		expect(mean).toBeGreaterThan(23);
	});

	it.each([1, 2, 3])("C: does not chase what is noise (seed %i)", (seed) => {
		const { moves, mean } = live({ truth: () => CLOSE, next: random(seed) });
		expect(moves).toBeLessThanOrEqual(8);
		expect(mean).toBeGreaterThan(24.8);
	});
});

function gaps(moves: readonly Move[]): number[] {
	return moves.slice(1).map(({ tick }, index) => tick - (moves[index] as Move).tick);
}

describe("oscillation", () => {
	const period = fc.integer({ min: 1, max: 12 });
	const cooldowns = fc.integer({ min: 0, max: 40 });

	/** Two nodes change places every `every` ticks, far apart and without doubt. */
	function swapping(every: number): World {
		return (tick) =>
			Math.floor(tick / every) % 2 === 0 ? [predicted(10), predicted(90)] : [predicted(90), predicted(10)];
	}

	it("faster than the fewest evaluations that name a place moves nothing", () => {
		const { moves } = simulate({
			policy: maximize,
			ticks: 500,
			tickSeconds: TICK_SECONDS,
			start: 0,
			world: swapping(1),
		});
		expect(moves).toEqual([]);
	});

	it("moves no more often than the cooldown allows, however fast", () => {
		fc.assert(
			fc.property(period, cooldowns, (every, ticks) => {
				const chosen = rebalance({ cooldownSeconds: ticks * TICK_SECONDS });
				const { moves } = simulate({
					policy: chosen,
					ticks: 400,
					tickSeconds: TICK_SECONDS,
					start: 0,
					world: swapping(every),
				});
				for (const gap of gaps(moves)) expect(gap).toBeGreaterThanOrEqual(Math.max(ticks, 2));
			}),
		);
	});

	it("is followed when it is slow", () => {
		const { moves } = simulate({
			policy: maximize,
			ticks: 400,
			tickSeconds: TICK_SECONDS,
			start: 0,
			world: swapping(40),
		});
		expect(moves.length).toBe(10);
	});
});

describe("noise within the interval", () => {
	it("between equal nodes moves next to nothing", () => {
		fc.assert(
			fc.property(fc.integer(), fc.integer({ min: 2, max: 6 }), (seed, nodes) => {
				const next = random(seed);
				const world: World = () => Array.from({ length: nodes }, () => predicted(20 + next() * NOISE, HALF_WIDTH));
				const { moves } = simulate({ policy: maximize, ticks: 500, tickSeconds: TICK_SECONDS, start: 0, world });
				expect(moves.length).toBeLessThanOrEqual(5);
			}),
			{ numRuns: 30 },
		);
	});
});

describe("bounded noise, however it comes", () => {
	it("below half of minGain on either side moves nothing within hours", () => {
		const step = fc.double({ min: -0.049, max: 0.049, noNaN: true });
		const ticks = fc.array(fc.tuple(step, step, step), { minLength: 1, maxLength: 36 });
		fc.assert(
			fc.property(ticks, fc.double({ min: 0, max: 0.5, noNaN: true }), (noise, halfWidth) => {
				const world: World = (tick) =>
					(noise[tick] ?? [0, 0, 0]).map((share) => predicted(100 + 100 * share, 100 * halfWidth));
				const target = { ...maximize, objective: { ...maximize.objective, target: 100 } };
				const { moves } = simulate({ policy: target, ticks: noise.length, tickSeconds: TICK_SECONDS, start: 0, world });
				expect(moves).toEqual([]);
			}),
		);
	});

	it("of any size moves no more often than the cooldown allows", () => {
		const value = fc.double({ min: 1, max: 300, noNaN: true });
		const ticks = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 200 });
		fc.assert(
			fc.property(ticks, (values) => {
				const world: World = (tick) => (values[tick] ?? []).map((one) => predicted(one));
				const { moves } = simulate({
					policy: maximize,
					ticks: values.length,
					tickSeconds: TICK_SECONDS,
					start: 0,
					world,
				});
				const cooldown = maximize.rebalance.cooldownSeconds / TICK_SECONDS;
				for (const gap of gaps(moves)) expect(gap).toBeGreaterThanOrEqual(cooldown);
			}),
		);
	});
});

describe("a gain below minGain", () => {
	/** Node 1 is better by 5 % of the target, half of minGain. */
	const world: World = () => [predicted(100, 1), predicted(105, 1)];
	const target = { ...maximize, objective: { ...maximize.objective, target: 100 } };

	it("is worth a move once it has lasted for twice an hour", () => {
		const { moves } = simulate({ policy: target, ticks: 100, tickSeconds: TICK_SECONDS, start: 0, world });
		expect(moves.map(({ tick }) => tick)).toEqual([24]);
	});

	it("never is when it comes and goes", () => {
		const now: World = (tick) => (tick % 20 === 19 ? [predicted(100, 1), predicted(100, 1)] : world(tick));
		// Three evaluations, so that the change is no outlier.
		const thrice: World = (tick) => now(tick % 20 >= 17 ? 19 : tick);
		const { moves } = simulate({ policy: target, ticks: 600, tickSeconds: TICK_SECONDS, start: 0, world: thrice });
		expect(moves).toEqual([]);
	});
});

describe("the mirrored objective", () => {
	it("is lived through the same way", () => {
		const value = fc.double({ min: 50, max: 150, noNaN: true });
		const ticks = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 100 });
		const turned = policy({ objective: { ...maximize.objective, direction: "Minimize", target: -25 } });
		fc.assert(
			fc.property(ticks, (values) => {
				const seen =
					(sign: number): World =>
					(tick) =>
						(values[tick] ?? []).map((one) => predicted(sign * one));
				const run = { ticks: values.length, tickSeconds: TICK_SECONDS, start: 0 };
				const here = simulate({ ...run, policy: maximize, world: seen(1) });
				const there = simulate({ ...run, policy: turned, world: seen(-1) });
				expect(there.nodeAt).toEqual(here.nodeAt);
			}),
		);
	});
});

describe("gaps in the data", () => {
	it("never start a move, wherever they are", () => {
		fc.assert(
			fc.property(fc.integer(), (seed) => {
				const next = random(seed);
				const seen = Array.from({ length: 300 }, () =>
					[30, 90, 60].map((value) => (next() < 0.3 ? undefined : predicted(value))),
				);
				const world: World = (tick) => seen[tick] ?? [];
				const { moves } = simulate({
					policy: rebalance({ cooldownSeconds: 0 }),
					ticks: 300,
					tickSeconds: TICK_SECONDS,
					start: 0,
					world,
				});
				for (const { tick, from, to } of moves) {
					for (const node of [from, to]) {
						expect(seen[tick]?.[node]).toBeDefined();
						// Gaps do not count as evaluations: each place was seen at least twice.
						const times = seen.slice(0, tick + 1).filter((predictions) => predictions[node] !== undefined);
						expect(times.length).toBeGreaterThanOrEqual(2);
					}
				}
			}),
			{ numRuns: 50 },
		);
	});
});
