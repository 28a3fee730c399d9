import { escapeText, pixels } from "../../../../src/charts/markup.ts";
import type { Scale } from "../../../../src/charts/scale.ts";
import { timeLabel, timeScale, valueScale } from "./axis.ts";

/** One line of a chart. */
export interface Series {
	/** Class that colours it. */
	readonly kind: string;
	/** One value per bucket; absent: a gap. */
	readonly values: readonly (number | undefined)[];
}

export interface ChartContent {
	readonly label: string;
	/** ms since the epoch, one per value. */
	readonly times: readonly number[];
	readonly end: number;
	/** The most important one first: it is drawn on top. */
	readonly series: readonly Series[];
	/** A level to compare with, and what it is called. */
	readonly level?: { readonly value: number; readonly label: string } | undefined;
	/** Moments marked under the plot (ms since the epoch). */
	readonly marks?: readonly number[] | undefined;
	readonly format: (value: number) => string;
}

interface Size {
	readonly name: "wide" | "narrow";
	readonly width: number;
	readonly plotHeight: number;
	readonly left: number;
	readonly timeTicks: number;
}

const SIZES: readonly Size[] = [
	{ name: "wide", width: 960, plotHeight: 220, left: 58, timeTicks: 12 },
	{ name: "narrow", width: 360, plotHeight: 190, left: 46, timeTicks: 5 },
];
const TOP = 12;
const RIGHT = 10;
const STRIP = 16;
const AXIS = 22;

/** The chart in a wide and a narrow form, of which the page shows what fits. */
export function chart(content: ChartContent): string {
	return SIZES.map((size) => drawn(content, size)).join("");
}

function drawn(content: ChartContent, size: Size): string {
	const { series, level, times, end, marks } = content;
	const bottom = TOP + size.plotHeight;
	const foot = bottom + (marks ? STRIP : 0);
	const values = series.flatMap((one) => one.values.filter((value) => value !== undefined));
	const x = timeScale([times[0] ?? 0, end], [size.left, size.width - RIGHT], size.timeTicks);
	const y = valueScale(level ? [...values, level.value] : values, [bottom, TOP], 5);
	const parts = [
		grid(content, size, { x, y, foot }),
		level ? levelLine(level, size, y) : "",
		...series.toReversed().map(({ kind, values: own }) => line(kind, points(own, times), { x, y })),
		marks ? strip(marks, x, bottom) : "",
	];
	return `<svg class="chart ${size.name}" viewBox="0 0 ${size.width} ${foot + AXIS}" role="img" aria-label="${escapeText(content.label)}">${parts.join("")}</svg>`;
}

function grid({ format }: ChartContent, size: Size, { x, y, foot }: { x: Scale; y: Scale; foot: number }): string {
	const right = size.width - RIGHT;
	const across = y.ticks.map((tick) => {
		const at = pixels(y.position(tick));
		return `<line class="grid" x1="${size.left}" x2="${right}" y1="${at}" y2="${at}"/><text class="tick end" x="${size.left - 6}" y="${at}" dy=".32em">${escapeText(format(tick))}</text>`;
	});
	const along = x.ticks.map((tick) => {
		const at = x.position(tick);
		// A label at the very edge would be cut off.
		const side = at > right - 16 ? "end" : "middle";
		return `<text class="tick ${side}" x="${pixels(Math.min(at, right))}" y="${foot + 16}">${timeLabel(tick)}</text>`;
	});
	return `${across.join("")}${along.join("")}<line class="axis" x1="${size.left}" x2="${right}" y1="${foot}" y2="${foot}"/>`;
}

function levelLine({ value, label }: { value: number; label: string }, size: Size, y: Scale): string {
	const at = pixels(y.position(value));
	const right = size.width - RIGHT;
	return `<line class="objective" x1="${size.left}" x2="${right}" y1="${at}" y2="${at}"/><text class="objective-label end" x="${right - 2}" y="${at}" dy="-.4em">${escapeText(label)}</text>`;
}

type Point = readonly [time: number, value: number | undefined];

function points(values: readonly (number | undefined)[], times: readonly number[]): Point[] {
	return values.map((value, index) => [times[index] ?? 0, value]);
}

/** One line per stretch of values: a gap is a gap, never a zero; a single value is a dot. */
function line(kind: string, all: readonly Point[], { x, y }: { readonly x: Scale; readonly y: Scale }): string {
	let path = "";
	for (const [index, [time, value]] of all.entries()) {
		if (value === undefined) continue;
		const isStart = all[index - 1]?.[1] === undefined;
		const isDot = isStart && all[index + 1]?.[1] === undefined;
		path += `${isStart ? "M" : "L"}${pixels(x.position(time))} ${pixels(y.position(value))}${isDot ? "h1" : ""}`;
	}
	return `<path class="line ${kind}" d="${path}"/>`;
}

function strip(marks: readonly number[], x: Scale, bottom: number): string {
	// Many moves within one pixel are one stroke.
	const positions = new Set(marks.map((time) => pixels(x.position(time))));
	const path = [...positions].map((at) => `M${at} ${bottom + 4}v${STRIP - 6}`).join("");
	return `<path class="moves" d="${path}"/>`;
}
