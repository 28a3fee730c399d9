import { escapeText, pixels } from "../../src/charts/markup.ts";
import { linearScale, type Scale } from "../../src/charts/scale.ts";

export interface Series {
	readonly name: string;
	/** `at` in seconds since the epoch, `value` in seconds. */
	readonly samples: readonly { readonly at: number; readonly value: number }[];
}

/** Something that happened, in seconds since the epoch. */
export interface Mark {
	readonly at: number;
	readonly text: string;
}

export interface Picture {
	readonly title: string;
	/** Seconds since the epoch. */
	readonly from: number;
	readonly to: number;
	readonly series: readonly Series[];
	/** Seconds. */
	readonly target: number | undefined;
	readonly marks: readonly Mark[];
}

const WIDTH = 860;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 16;
const TOP = 54;
const BOTTOM = HEIGHT - 34;
const COLOURS = ["#0a6e6a", "#b4460f", "#5b4bb3", "#8a6d00"];
/** Samples farther apart are not joined: there was no answer between them. Seconds. */
const GAP_SECONDS = 2.5;

/** Latencies over time as an SVG that needs nothing else, for light and dark pages. */
export function latencyPicture(picture: Picture): string {
	const { title, from, to, series, target, marks } = picture;
	const values = series.flatMap(({ samples }) => samples.map(({ value }) => value * 1000));
	const highest = Math.max(1, ...values, (target ?? 0) * 1000) * 1.05;
	const x = linearScale([0, to - from], [LEFT, WIDTH - RIGHT], 15);
	const y = linearScale([0, highest], [BOTTOM, TOP], tickStep(highest));
	const parts = [
		`<style>text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#1c2430}.soft{fill:#5b6675}.grid{stroke:#8792a255}.line{fill:none;stroke-width:2;stroke-linejoin:round}@media(prefers-color-scheme:dark){text{fill:#e4e9ef}.soft{fill:#9aa6b4}}</style>`,
		`<text x="${LEFT}" y="18" font-weight="600">${escapeText(title)}</text>`,
		...axes(x, y),
		...(target === undefined ? [] : [targetLine(y.position(target * 1000))]),
		...marks
			.filter(({ at }) => at >= from && at <= to)
			.map((mark, index) => markOf(mark, x.position(mark.at - from), index)),
		...series.flatMap((one, index) => lineOf(one, index, { x, y, from })),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" role="img" aria-label="${escapeText(title)}">\n${parts.join("\n")}\n</svg>\n`;
}

/** 1, 2 or 5 times a power of ten, for about five ticks. */
function tickStep(highest: number): number {
	const power = 10 ** Math.floor(Math.log10(highest / 5));
	return power * ([1, 2, 5].find((factor) => factor * power * 5 >= highest) ?? 10);
}

function axes(x: Scale, y: Scale): string[] {
	return [
		...y.ticks.map((tick) => {
			const at = pixels(y.position(tick));
			return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="soft" text-anchor="end" x="${LEFT - 6}" y="${at}" dy=".35em">${tick} ms</text>`;
		}),
		...x.ticks.map(
			(tick) =>
				`<text class="soft" text-anchor="middle" x="${pixels(x.position(tick))}" y="${BOTTOM + 20}">${tick} s</text>`,
		),
	];
}

function targetLine(at: number): string {
	return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${pixels(at)}" y2="${pixels(at)}" stroke="#b3261e" stroke-dasharray="3 3"/><text text-anchor="end" x="${WIDTH - RIGHT}" y="${pixels(at - 5)}">objective</text>`;
}

/** Labels of neighbours stand in two rows. */
function markOf({ text }: Mark, at: number, index: number): string {
	const anchor = at > WIDTH - 150 ? "end" : "start";
	return `<line stroke="#8792a2" x1="${pixels(at)}" x2="${pixels(at)}" y1="${TOP - 14}" y2="${BOTTOM}" stroke-dasharray="4 3"/><text text-anchor="${anchor}" x="${pixels(at + (anchor === "end" ? -4 : 4))}" y="${TOP - 18 + (index % 2) * 14}">${escapeText(text)}</text>`;
}

function lineOf(
	{ name, samples }: Series,
	index: number,
	{ x, y, from }: { readonly x: Scale; readonly y: Scale; readonly from: number },
): string[] {
	const colour = COLOURS[index % COLOURS.length] ?? "";
	let before = Number.NEGATIVE_INFINITY;
	const path = samples.map(({ at, value }) => {
		const command = at - before > GAP_SECONDS ? "M" : "L";
		before = at;
		return `${command}${pixels(x.position(at - from))} ${pixels(y.position(value * 1000))}`;
	});
	const label = `<text x="${WIDTH - RIGHT - 90 * (index + 1)}" y="18" style="fill:${colour}">${escapeText(name)}</text>`;
	return [`<path class="line" stroke="${colour}" d="${path.join("")}"/>`, ...(name === "" ? [] : [label])];
}
