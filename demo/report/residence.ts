import { escapeText, pixels } from "../../src/charts/markup.ts";
import type { Scale } from "../../src/charts/scale.ts";
import type { Half, Stay } from "../record.ts";
import { formatElapsed } from "../summary.ts";
import type { ChartSize } from "./size.ts";

export const STRIP_HEIGHT = 20;

/** About what one character of a strip's text takes. */
const CHARACTER = 6.2;

/** A strip under the chart that names the node on which the app ran at each time. */
export function residence(
	stays: readonly Stay[],
	{ half, x, top, size }: { readonly half: Half; readonly x: Scale; readonly top: number; readonly size: ChartSize },
): string {
	const boxes = stays.map(({ node, from, to }) => {
		const left = x.position(from);
		const width = Math.max(1, x.position(to) - left - 1);
		const fits = node.length * CHARACTER + 6 < width;
		const text = fits
			? `<text class="middle" x="${pixels(left + width / 2)}" y="${top + STRIP_HEIGHT / 2}" dy=".34em">${escapeText(node)}</text>`
			: "";
		const title = `<title>${escapeText(`${node}, ${formatElapsed(from)} to ${formatElapsed(to)}`)}</title>`;
		return `<rect x="${pixels(left)}" y="${top}" width="${pixels(width)}" height="${STRIP_HEIGHT}" rx="4">${title}</rect>${text}`;
	});
	const label = size.name === "wide" ? half : half === "with" ? "with" : "w/o";
	return `<g class="stay ${half}"><text class="tick end" x="${size.left - 6}" y="${top + STRIP_HEIGHT / 2}" dy=".34em">${label}</text>${boxes.join("")}</g>`;
}
