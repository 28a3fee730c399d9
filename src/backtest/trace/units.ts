import type { Layout } from "./layout.ts";
import { TraceError } from "./lines.ts";
import type { Row } from "./rows.ts";

const BINS_PER_DECADE = 10;
const DECADES = 40;
/** Two groups of values are told apart by an empty stretch of at least so many decades. */
const GAP_DECADES = 1.5;
/** A stretch is as good as empty with less than this share of all values. */
const NOISE_SHARE = 0.002;
/** A group with less than this share is outliers, of which there may be some. */
const GROUP_SHARE = 0.05;
const FEWEST = 2;
/** Medians of the groups lie by nearly this factor apart when one is in thousandths of the other's unit. */
const FACTOR = { least: 500, most: 2000 };

/** Sizes of the values that must share one unit. */
class Sizes {
	readonly counts = new Float64Array(BINS_PER_DECADE * DECADES);
	/** The line of the first value in each bin. */
	readonly lines = new Float64Array(BINS_PER_DECADE * DECADES);
	total = 0;

	add(value: number, line: number): void {
		const size = Math.abs(value);
		if (!(size > 0)) return;
		const bin = Math.floor((Math.log10(size) + DECADES / 2) * BINS_PER_DECADE);
		if (bin < 0 || bin >= this.counts.length) return;
		if (this.counts[bin] === 0) this.lines[bin] = line;
		this.counts[bin] = (this.counts[bin] as number) + 1;
		this.total += 1;
	}
}

/**
 * Looks for values in two units, such as seconds and milliseconds. What can be told from numbers alone is
 * told: two groups of sizes with nothing between them, both too large to be outliers, whose medians lie by
 * a factor of about 1,000 apart. Factors near one (Celsius and Fahrenheit) cannot be seen.
 */
export class UnitWatch {
	private readonly sizes = new Map<string, Sizes>();

	see({ workload, values, line }: Row, { form, values: names }: Layout): void {
		for (let column = 0; column < values.length; column += 1) {
			const value = values[column] as number;
			if (Number.isNaN(value) || value === 0) continue;
			// Predictions, their intervals and actual values of one workload are all in the objective's unit.
			this.sizesOf(form === "Predictions" ? workload : (names[column] as string)).add(value, line);
		}
	}

	/** Call it after the last row. @throws TraceError when a column is in two units */
	end(): void {
		for (const [name, sizes] of this.sizes) {
			const mixed = mixture(sizes);
			if (!mixed) continue;
			const about = `values of ${name} come in two sizes, a factor of ${mixed.factor} apart: is one in thousandths of the other's unit?`;
			throw new TraceError(`${about} Write one unit, or say --trust-units if both are right`, mixed.line);
		}
	}

	private sizesOf(name: string): Sizes {
		let sizes = this.sizes.get(name);
		if (!sizes) {
			sizes = new Sizes();
			this.sizes.set(name, sizes);
		}
		return sizes;
	}
}

function mixture(sizes: Sizes): { readonly factor: number; readonly line: number } | undefined {
	const { counts, total, lines } = sizes;
	const width = GAP_DECADES * BINS_PER_DECADE;
	let below = 0;
	for (let from = 0; from + width < counts.length; from += 1) {
		below += counts[from] as number;
		if (below < Math.max(FEWEST, GROUP_SHARE * total)) continue;
		const between = sum(counts, from + 1, from + 1 + width);
		const above = total - below - between;
		if (above < Math.max(FEWEST, GROUP_SHARE * total)) return undefined;
		if (between > NOISE_SHARE * total) continue;
		const factor =
			10 ** ((median(counts, from + 1 + width, counts.length) - median(counts, 0, from + 1)) / BINS_PER_DECADE);
		if (factor < FACTOR.least || factor > FACTOR.most) return undefined;
		// The second unit begins where the later of the two groups does.
		const small = firstLine(counts, lines, { start: 0, end: from + 1 });
		const large = firstLine(counts, lines, { start: from + 1 + width, end: counts.length });
		return { factor: Number(factor.toPrecision(2)), line: Math.max(small, large) };
	}
	return undefined;
}

function sum(counts: Float64Array, start: number, end: number): number {
	let total = 0;
	for (let bin = start; bin < end; bin += 1) total += counts[bin] as number;
	return total;
}

function median(counts: Float64Array, start: number, end: number): number {
	const half = sum(counts, start, end) / 2;
	let seen = 0;
	for (let bin = start; bin < end; bin += 1) {
		seen += counts[bin] as number;
		if (seen >= half) return bin;
	}
	return end;
}

function firstLine(counts: Float64Array, lines: Float64Array, { start, end }: { start: number; end: number }): number {
	let first = Number.POSITIVE_INFINITY;
	for (let bin = start; bin < end; bin += 1) {
		if ((counts[bin] as number) > 0) first = Math.min(first, lines[bin] as number);
	}
	return first;
}
