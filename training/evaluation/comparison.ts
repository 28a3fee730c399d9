import { escapeText, pixels } from "../../src/charts/markup.ts";
import { linearScale, logarithmicScale } from "../../src/charts/scale.ts";
import type { Figures } from "./figures.ts";
import type { Speed } from "./speed.ts";

/** One row of a comparison. */
export interface Compared {
	readonly name: string;
	readonly figures: Figures;
	/** Absent: it was not measured. */
	readonly speed?: Speed | undefined;
	readonly bytes?: number | undefined;
}

/** A Markdown table; errors and widths in `unit`. */
export function comparisonTable(rows: readonly Compared[], unit: string): string {
	const head = [
		"model",
		`MAE of the mean, ${unit}`,
		`MAE of the max, ${unit}`,
		"covered by the 90 % interval: mean, max",
		`its width: mean, max, ${unit}`,
		"rows/s, batch 1",
		"rows/s, batch 1,000",
		"bytes",
	];
	const lines = rows.map(({ name, figures, speed, bytes }) => {
		const { Mean, Max } = figures.aggregates;
		return [
			name,
			significant(Mean.mae),
			significant(Max.mae),
			`${Mean.coverage.toFixed(3)}, ${Max.coverage.toFixed(3)}`,
			`${significant(Mean.width)}, ${significant(Max.width)}`,
			speed ? count(speed.single) : "",
			speed ? count(speed.batch) : "",
			bytes === undefined ? "" : count(bytes),
		];
	});
	const [first] = rows;
	if (first) {
		const { Mean, Max } = first.figures.aggregates;
		lines.push(["persistence", significant(Mean.persistence), significant(Max.persistence), "", "", "", "", ""]);
	}
	return `${[head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 380, 64, 130, 44, 330];

/** Error by speed, an SVG that needs nothing else, for light and dark pages: down and to the right is better. */
export function accuracyBySpeed(rows: readonly Compared[], unit: string): string {
	const measured = rows.flatMap(({ name, figures, speed }) =>
		speed ? [{ name, error: figures.aggregates.Mean.mae, speed: speed.batch }] : [],
	);
	const [first] = rows;
	const persistence = first?.figures.aggregates.Mean.persistence ?? 1;
	const highest = Math.max(persistence, ...measured.map(({ error }) => error)) * 1.1;
	const power = 10 ** Math.floor(Math.log10(highest));
	const y = linearScale([0, highest], [BOTTOM, TOP], highest / power > 4 ? power : power / 5);
	const x = logarithmicScale(
		measured.map(({ speed }) => speed),
		[LEFT, WIDTH - RIGHT],
	);
	const title = `Mean absolute error of the mean over the horizon (${unit}) by rows per second`;
	const parts = [
		`<style>text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#1c2430}.soft{fill:#5b6675}.grid{stroke:#8792a255}circle{fill:#0a6e6a}@media(prefers-color-scheme:dark){text{fill:#e4e9ef}.soft{fill:#9aa6b4}circle{fill:#3fd0c3}}</style>`,
		`<text x="${LEFT}" y="20" font-weight="600">${escapeText(title)}</text>`,
		...y.ticks.map((tick) => {
			const at = pixels(y.position(tick));
			return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="soft" text-anchor="end" x="${LEFT - 6}" y="${at}" dy=".35em">${significant(tick)}</text>`;
		}),
		...x.ticks.map(
			(tick) =>
				`<text class="soft" text-anchor="middle" x="${pixels(x.position(tick))}" y="${BOTTOM + 22}">${count(tick)}</text>`,
		),
		`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${pixels(y.position(persistence))}" y2="${pixels(y.position(persistence))}" stroke="#b3261e" stroke-dasharray="3 3"/>`,
		`<text x="${LEFT + 4}" y="${pixels(y.position(persistence) - 5)}">persistence</text>`,
		...labelled(measured.map((one) => ({ name: one.name, x: x.position(one.speed), y: y.position(one.error) }))),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" role="img" aria-label="${escapeText(title)}">\n${parts.join("\n")}\n</svg>\n`;
}

/** Labels step aside where they would lie on one another. */
function labelled(points: readonly { readonly name: string; readonly x: number; readonly y: number }[]): string[] {
	const placed: { x: number; y: number }[] = [];
	return points
		.toSorted((left, right) => left.y - right.y)
		.map(({ name, x, y }) => {
			let at = y;
			while (placed.some((other) => Math.abs(other.y - at) < 13 && Math.abs(other.x - x) < 110)) at += 3;
			placed.push({ x, y: at });
			return `<circle cx="${pixels(x)}" cy="${pixels(y)}" r="5"/><text x="${pixels(x + 9)}" y="${pixels(at)}" dy=".35em">${escapeText(name)}</text>`;
		});
}

/** Three digits that mean something. */
export function significant(value: number): string {
	return String(Number(value.toPrecision(3)));
}

function count(value: number): string {
	return Math.round(Number(value.toPrecision(3))).toLocaleString("en-US");
}
