import { type Random, uniform } from "./random.ts";

/** True QoS of every node at one tick, higher is better. */
export type Truth = readonly number[];

/** One workload on six nodes: what is true, and what is predicted of it. */
export interface World {
	readonly name: string;
	/** Row by tick. */
	readonly truth: (random: Random) => (tick: number) => Truth;
	/** Prediction of a true value; NaN: none. */
	readonly predict: (random: Random) => (value: number) => number;
}

/** 30 days of five minutes. */
export const TICKS = 8640;

const DISTINCT: Truth = [25, 22, 20, 19, 15, 14];
const CLOSE: Truth = [25, 24.5, 24, 19, 15, 14];

/** Predictions are too high by U(0, 5), as in the flapping scenarios of the original. */
function noisy(random: Random): (value: number) => number {
	return (value) => value + 5 * random();
}

function constant(row: Truth): World["truth"] {
	return () => () => row;
}

/** Node 0 with another value, the others as in `row`. */
function withFirst(row: Truth, value: number): Truth {
	return [value, ...row.slice(1)];
}

/** Node 0 loses 8 for 24 ticks once in every 72, at a random start within the first 48. */
function drops(random: Random): (tick: number) => Truth {
	const starts = Array.from({ length: TICKS / 72 }, (_, index) => index * 72 + Math.floor(uniform(random, 0, 48)));
	const dropped = withFirst(DISTINCT, 17);
	return (tick) => {
		const start = starts[Math.floor(tick / 72)] as number;
		return tick >= start && tick < start + 24 ? dropped : DISTINCT;
	};
}

/** Every twelfth hour two nodes change places. */
function dayAndNight(tick: number): Truth {
	const isDay = Math.floor(tick / 144) % 2 === 1;
	return isDay ? [25, 15, 20, 19, 15, 14] : [15, 25, 20, 19, 15, 14];
}

function sometimes(share: number, other: (random: Random, value: number) => number): World["predict"] {
	return (random) => {
		const ordinary = noisy(random);
		return (value) => (random() < share ? other(random, value) : ordinary(value));
	};
}

export const WORLDS: readonly World[] = [
	{ name: "A: constant", truth: constant(DISTINCT), predict: noisy },
	{ name: "B: the best drops for two hours", truth: drops, predict: noisy },
	{ name: "C: three are close", truth: constant(CLOSE), predict: noisy },
	{
		name: "slow drift",
		truth: () => (tick) => [25 - (10 * tick) / TICKS, 22, 15 + (9 * tick) / TICKS, 19, 15, 14],
		predict: noisy,
	},
	{ name: "day and night", truth: () => dayAndNight, predict: noisy },
	{ name: "10 % missing", truth: constant(CLOSE), predict: sometimes(0.1, () => Number.NaN) },
	{
		name: "2 % wild, tenfold or a twentieth",
		truth: constant(DISTINCT),
		predict: sometimes(0.02, (random, value) => value * (random() < 0.5 ? 10 : 0.05)),
	},
	{
		name: "2 % wild, anything",
		truth: constant(DISTINCT),
		predict: sometimes(0.02, (random) => uniform(random, -100, 100)),
	},
	{
		name: "the best degrades for good",
		truth: () => (tick) => (tick < TICKS / 2 ? DISTINCT : withFirst(DISTINCT, 18)),
		predict: noisy,
	},
];
