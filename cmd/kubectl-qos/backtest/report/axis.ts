import { linearScale, type Scale } from "../../../../src/charts/scale.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
	MINUTE,
	5 * MINUTE,
	15 * MINUTE,
	HOUR,
	3 * HOUR,
	6 * HOUR,
	12 * HOUR,
	DAY,
	2 * DAY,
	7 * DAY,
	14 * DAY,
	30 * DAY,
	90 * DAY,
	365 * DAY,
];

/** A scale over time (ms since the epoch) with at most `most` ticks at whole hours, days, ... in UTC. */
export function timeScale(domain: readonly [number, number], range: readonly [number, number], most: number): Scale {
	const [from, to] = domain;
	const step = TIME_STEPS.find((candidate) => (to - from) / candidate <= most) ?? 365 * DAY;
	return linearScale([from, Math.max(to, from + MINUTE)], range, step);
}

/** A tick of a time scale: the day where it begins one, else the time of day. */
export function timeLabel(time: number): string {
	const iso = new Date(time).toISOString();
	return iso.slice(11, 16) === "00:00" ? iso.slice(5, 10) : iso.slice(11, 16);
}

/** A scale that holds all values with a little room, with about `most` round ticks. */
export function valueScale(values: readonly number[], range: readonly [number, number], most: number): Scale {
	const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
	const high = values.reduce((greatest, value) => Math.max(greatest, value), Number.NEGATIVE_INFINITY);
	if (!(low <= high)) return linearScale([0, 1], range, 1);
	const room = (high - low || Math.abs(high) || 1) * 0.06;
	return linearScale([low - room, high + room], range, roundStep((high - low + 2 * room) / most));
}

/** The next step of 1, 2 or 5 times a power of ten. */
function roundStep(least: number): number {
	const power = 10 ** Math.floor(Math.log10(least));
	return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}
