import { escapeText, pixels } from "../../src/charts/markup.ts";
import { linearScale, logarithmicScale, type Scale } from "../../src/charts/scale.ts";
import { type AppRecord, type DemoRecord, HALVES, type Half, type Mark, type Sample } from "../record.ts";
import { formatElapsed, formatLatency } from "../summary.ts";
import { residence, STRIP_HEIGHT } from "./residence.ts";
import type { ChartSize } from "./size.ts";

const TOP = 26;
const RIGHT = 10;
const AXIS = 20;
const STRIPS = 2 * STRIP_HEIGHT + 14;

/** A number to each mark, in order of time. */
export function numberMarks(marks: readonly Mark[]): readonly (Mark & { readonly number: number })[] {
	return marks.toSorted((left, right) => left.at - right.at).map((mark, index) => ({ ...mark, number: index + 1 }));
}

/** Latency of one app in both halves over time, with its SLO, what happened, and where it ran. */
export function chart(app: AppRecord, record: DemoRecord, size: ChartSize): string {
	const bottom = TOP + size.plotHeight;
	const height = bottom + AXIS + STRIPS;
	const x = linearScale(
		[record.from, Math.max(record.from + 1, record.seconds)],
		[size.left, size.width - RIGHT],
		size.secondsPerTick,
	);
	const values = HALVES.flatMap((half) => app.halves[half].samples.flatMap(({ value }) => value ?? []));
	const y = logarithmicScale([...values, app.target], [bottom, TOP]);
	const parts = [
		grid(size, x, y),
		`<clipPath id="clip-${size.name}-${escapeText(app.name)}"><rect x="${size.left}" y="${TOP}" width="${size.width - size.left - RIGHT}" height="${size.plotHeight}"/></clipPath>`,
		objective(app.target, size, y),
		...HALVES.map((half) => silences(app, half, { x, bottom })),
		...numberMarks(record.marks).map((mark) =>
			markOf({ ...mark, at: Math.max(mark.at, record.from) }, app, { x, bottom }),
		),
		`<g clip-path="url(#clip-${size.name}-${escapeText(app.name)})">${HALVES.toReversed()
			.map((half) => `<path class="line ${half}" d="${line(app.halves[half].samples, x, y)}"/>`)
			.join("")}</g>`,
		...HALVES.map((half, index) =>
			residence(app.halves[half].stays, { half, x, top: bottom + AXIS + 8 + index * (STRIP_HEIGHT + 3), size }),
		),
	];
	const label = `Latency of ${app.name} over time, with kubectl-qos and with the default scheduler alone`;
	return `<svg class="chart ${size.name}" viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${escapeText(label)}">${parts.join("")}</svg>`;
}

function grid(size: ChartSize, x: Scale, y: Scale): string {
	const bottom = TOP + size.plotHeight;
	const across = y.ticks.map((tick) => {
		const at = pixels(y.position(tick));
		return `<line class="grid" x1="${size.left}" x2="${size.width - RIGHT}" y1="${at}" y2="${at}"/><text class="tick end" x="${size.left - 6}" y="${at}" dy=".32em">${formatLatency(tick).replace(".0 ", " ")}</text>`;
	});
	const along = x.ticks.map(
		(tick) =>
			`<text class="tick middle" x="${pixels(x.position(tick))}" y="${bottom + 15}">${formatElapsed(tick)}</text>`,
	);
	return [
		...across,
		...along,
		`<line class="axis" x1="${size.left}" x2="${size.width - RIGHT}" y1="${bottom}" y2="${bottom}"/>`,
	].join("");
}

function objective(target: number, size: ChartSize, y: Scale): string {
	const at = pixels(y.position(target));
	return `<line class="objective" x1="${size.left}" x2="${size.width - RIGHT}" y1="${at}" y2="${at}"/><text class="objective-label end" x="${size.width - RIGHT - 2}" y="${at}" dy="-.4em">SLO ${formatLatency(target)}</text>`;
}

/** One line per stretch of answers: silence is a gap, never a zero. */
function line(samples: readonly Sample[], x: Scale, y: Scale): string {
	let isDrawing = false;
	let path = "";
	for (const { at, value } of samples) {
		if (value !== undefined) path += `${isDrawing ? "L" : "M"}${pixels(x.position(at))} ${pixels(y.position(value))}`;
		isDrawing = value !== undefined;
	}
	return path;
}

/** Stretches without an answer, as a band of the half's colour at the foot of the plot. */
function silences(app: AppRecord, half: Half, { x, bottom }: { readonly x: Scale; readonly bottom: number }): string {
	const bands: { from: number; to: number }[] = [];
	for (const { at, value } of app.halves[half].samples) {
		const last = bands.at(-1);
		if (value !== undefined) continue;
		if (last && at - last.to <= 1.5) last.to = at;
		else bands.push({ from: at, to: at });
	}
	const top = bottom - (half === "with" ? 14 : 7);
	return bands
		.map(({ from, to }) => {
			const seconds = Math.round(to - from) + 1;
			const left = x.position(from - 0.5);
			const width = Math.max(2, x.position(to + 0.5) - left);
			return `<rect class="silence ${half}" x="${pixels(left)}" y="${top}" width="${pixels(width)}" height="6"><title>no answer for ${seconds} s</title></rect>`;
		})
		.join("");
}

function markOf(
	mark: Mark & { readonly number: number },
	app: AppRecord,
	{ x, bottom }: { readonly x: Scale; readonly bottom: number },
): string {
	if (mark.app !== undefined && mark.app !== app.name) return "";
	const at = pixels(x.position(mark.at));
	return `<g class="mark ${mark.kind.toLowerCase()}"><title>${escapeText(`${formatElapsed(mark.at)} ${mark.text}`)}</title><line x1="${at}" x2="${at}" y1="${TOP - 6}" y2="${bottom}"/><circle cx="${at}" cy="${TOP - 14}" r="9"/><text class="middle" x="${at}" y="${TOP - 14}" dy=".34em">${mark.number}</text></g>`;
}
