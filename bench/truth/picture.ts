import { escapeText, pixels } from "../../src/charts/markup.ts";
import { linearScale, logarithmicScale, type Scale } from "../../src/charts/scale.ts";
import type { Script } from "./script.ts";

/** Mean latency of one app over time, by policy. */
export interface Panel {
	readonly app: string;
	/** Seconds. */
	readonly target: number;
	readonly lines: readonly Line[];
}

export interface Line {
	readonly policy: string;
	/** `at` in seconds of the script, `value` in seconds; NaN leaves a gap. */
	readonly points: readonly { readonly at: number; readonly value: number }[];
	/** When the app moved, in seconds of the script. */
	readonly moves: readonly number[];
}

const WIDTH = 900;
const PANEL = { width: 430, height: 170, left: 58, top: 26, bottom: 20 };
const HEAD = 46;
/** Neighbours and troubles of the nodes stand in rows above each panel's curves, so the whole is readable in one look. */
const COLOURS: Readonly<Record<string, string>> = { default: "#b4460f", initial: "#8a6d00", auto: "#0a6e6a" };
const STYLE =
	'text{font:11px system-ui,"DejaVu Sans",sans-serif;fill:#1c2430}.soft{fill:#5b6675}.grid{stroke:#8792a255}.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.band{fill:#8792a2;opacity:.14}.trouble{fill:#b3261e;opacity:.12}@media(prefers-color-scheme:dark){text{fill:#e4e9ef}.soft{fill:#9aa6b4}}';

/** A panel per app in two columns, as an SVG that needs nothing else, for light and dark pages. */
export function truthPicture(script: Script, panels: readonly Panel[], title: string): string {
	const rows = Math.ceil(panels.length / 2);
	const height = HEAD + rows * PANEL.height + 8;
	const parts = [
		`<style>${STYLE}</style>`,
		`<text x="${PANEL.left}" y="18" font-weight="600">${escapeText(title)}</text>`,
		...legend(panels[0]?.lines.map(({ policy }) => policy) ?? []),
		...panels.map((panel, index) => {
			const x = (index % 2) * (WIDTH / 2);
			const y = HEAD + Math.floor(index / 2) * PANEL.height;
			return `<g transform="translate(${x} ${y})">${panelOf(script, panel).join("\n")}</g>`;
		}),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="${escapeText(title)}">\n${parts.join("\n")}\n</svg>\n`;
}

function legend(policies: readonly string[]): string[] {
	return policies.map((policy, index) => {
		const x = PANEL.left + index * 110;
		return `<line x1="${x}" x2="${x + 18}" y1="34" y2="34" stroke="${colourOf(policy)}" stroke-width="2"/><text x="${x + 24}" y="38">${escapeText(policy)}</text>`;
	});
}

function panelOf(script: Script, { app, target, lines }: Panel): string[] {
	const known = lines.flatMap(({ points }) => points.map(({ value }) => value * 1000));
	const bottom = PANEL.height - PANEL.bottom;
	const x = linearScale([0, script.seconds], [PANEL.left, PANEL.width], script.seconds > 400 ? 120 : 60);
	const y = logarithmicScale([...known, target * 1000], [bottom, PANEL.top]);
	return [
		`<text x="${PANEL.left}" y="14" font-weight="600">${escapeText(app)}</text>`,
		...bands(script, x, bottom),
		...axes(x, y, bottom),
		`<line x1="${PANEL.left}" x2="${PANEL.width}" y1="${pixels(y.position(target * 1000))}" y2="${pixels(y.position(target * 1000))}" stroke="#b3261e" stroke-dasharray="3 3"/>`,
		...lines.flatMap((line) => lineOf(line, x, y)),
	];
}

function bands({ neighbours, troubles }: Script, x: Scale, bottom: number): string[] {
	const band = (css: string, { from, to }: { readonly from: number; readonly to: number }, label: string): string => {
		const start = x.position(from);
		return `<rect class="${css}" x="${pixels(start)}" width="${pixels(x.position(to) - start)}" y="${PANEL.top}" height="${bottom - PANEL.top}"><title>${escapeText(label)}</title></rect>`;
	};
	return [
		...neighbours.map((one) => band("band", one, `${one.name} on ${one.node}`)),
		...troubles.map((one) => band("trouble", one, `${one.node}: ${one.kind.name}`)),
	];
}

function axes(x: Scale, y: Scale, bottom: number): string[] {
	return [
		...y.ticks.map((tick) => {
			const at = pixels(y.position(tick));
			return `<line class="grid" x1="${PANEL.left}" x2="${PANEL.width}" y1="${at}" y2="${at}"/><text class="soft" text-anchor="end" x="${PANEL.left - 5}" y="${at}" dy=".35em">${tick} ms</text>`;
		}),
		...x.ticks.map(
			(tick) =>
				`<text class="soft" text-anchor="middle" x="${pixels(x.position(tick))}" y="${bottom + 14}">${tick / 60} min</text>`,
		),
	];
}

function lineOf({ policy, points, moves }: Line, x: Scale, y: Scale): string[] {
	let isOpen = false;
	const path = points.map(({ at, value }) => {
		if (!Number.isFinite(value)) {
			isOpen = false;
			return "";
		}
		const command = isOpen ? "L" : "M";
		isOpen = true;
		return `${command}${pixels(x.position(at))} ${pixels(y.position(value * 1000))}`;
	});
	const marks = moves.map(
		(at) =>
			`<circle cx="${pixels(x.position(at))}" cy="${PANEL.height - PANEL.bottom}" r="3" fill="${colourOf(policy)}"><title>moved</title></circle>`,
	);
	return [`<path class="line" stroke="${colourOf(policy)}" d="${path.join("")}"/>`, ...marks];
}

function colourOf(policy: string): string {
	return COLOURS[policy] ?? "#5b4bb3";
}
