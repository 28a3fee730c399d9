import type { Prediction } from "../../../src/core/prediction/prediction.ts";

/** What stands in a cell when there is no number: Unknown is never 0. */
export const UNKNOWN = "<unknown>";
/** What stands in a cell when there is nothing to tell, and that is known. */
export const NONE = "<none>";

/** How a unit is shown: its steps from small to large. */
type Scale = readonly (readonly [size: number, suffix: string])[];

const SCALES: Readonly<Record<string, Scale>> = {
	seconds: [
		[1e-6, "µs"],
		[1e-3, "ms"],
		[1, "s"],
	],
	bytes: [
		[1, "B"],
		[2 ** 10, "Ki"],
		[2 ** 20, "Mi"],
		[2 ** 30, "Gi"],
		[2 ** 40, "Ti"],
	],
	bytes_per_second: [
		[1, "B/s"],
		[2 ** 10, "Ki/s"],
		[2 ** 20, "Mi/s"],
		[2 ** 30, "Gi/s"],
	],
	cores: [
		[1e-3, "m"],
		[1, ""],
	],
	ratio: [[0.01, "%"]],
	frames_per_second: [[1, "fps"]],
	requests_per_second: [[1, "/s"]],
	watts: [[1, "W"]],
	joules: [[1, "J"]],
	celsius: [[1, "C"]],
};
const PLAIN: Scale = [[1, ""]];
const UNIT: Scale[number] = [1, ""];

function scaleOf(unit: string): Scale {
	return Object.hasOwn(SCALES, unit) ? (SCALES[unit] ?? PLAIN) : PLAIN;
}

/** The largest step in which the rounded value is at least one; zero is shown in the largest of all. */
function stepFor(value: number, scale: Scale): Scale[number] {
	if (value === 0) return scale.findLast(([size]) => size <= 1) ?? UNIT;
	const fitting = scale.findLast(([size]) => Math.abs(rounded(value / size)) >= 1);
	return fitting ?? scale[0] ?? UNIT;
}

/** Two digits are what a prediction is worth reading for; small values keep one decimal. */
function rounded(value: number): number {
	if (Math.abs(value) >= 9.95) return Math.round(value);
	return Math.abs(value) >= 0.0995 || value === 0 ? Math.round(value * 10) / 10 : Number(value.toPrecision(2));
}

/** A number in a metric's base unit as people read it: 0.041 `seconds` is `41ms`. `<unknown>` when it is none. */
export function formatValue(value: number | undefined, unit: string): string {
	if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
	const [size, suffix] = stepFor(value, scaleOf(unit));
	const shown = rounded(value / size);
	return Number.isFinite(shown) ? `${shown}${suffix}` : UNKNOWN;
}

/** The 90 % interval, both ends in the same step: `36-47ms`. */
export function formatInterval(prediction: Prediction | undefined, unit: string): string {
	if (!prediction || ![prediction.lower, prediction.upper].every(Number.isFinite)) return UNKNOWN;
	const [size, suffix] = stepFor(prediction.upper, scaleOf(unit));
	return `${rounded(prediction.lower / size)}-${rounded(prediction.upper / size)}${suffix}`;
}

/** A share as a percentage: 0.22 is `22%`. */
export function formatShare(share: number | undefined): string {
	return formatValue(share, "ratio");
}
