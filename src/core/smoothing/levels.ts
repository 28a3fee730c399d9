import { isFromFuture } from "../clock-skew.ts";
import type { PredictionTable } from "../prediction/prediction.ts";
import { INTERVAL_QUANTILE } from "../recommendation/normal.ts";
import { LevelColumns } from "./level-columns.ts";
import { SharedNoise } from "./noise.ts";

/**
 * A level follows its last 72 observations: six hours of five-minute evaluations. Longer memory would
 * lag behind slow drifts, a shorter one tells close places apart less well.
 */
const MEMORY = 72;

/** Beyond so many standard deviations a value is no ordinary noise. One alone says nothing ... */
const OUTLIER = 3;

/** ... but two that agree within what their difference may scatter are a change of level; */
const AGREEING = 2;
const AGREEMENT = OUTLIER * Math.SQRT2;

/** three in a row are one wherever they are, and two are not enough for a level that no node ever showed. */
const IN_A_ROW = 3;

/** Below this share of the level, noise is no longer what it is there. */
const FAR_BELOW = 0.5;

/**
 * What goes up or down for longer is followed along a line: the least-squares line through the last 36
 * observations (three hours of five-minute evaluations), kept by an alpha-beta filter with the gains of a
 * growing memory. It counts from eight observations on and where its slope is beyond 3.5 of its standard
 * deviations, so that noise alone is hardly ever followed.
 */
const LINE_MEMORY = 36;
const LINE_LEAST = 8;
const LINE_SIGNIFICANCE = 2.5;

/** The end of a line of n points scatters as the mean of n / 4 does. */
const LINE_SUPPORT = 0.25;

/** Observations that a node's own scatter is averaged over at the most. */
const SCATTER_MEMORY = 30;

/** A pause of so many windows is one; within it, observations themselves make the old ones fade. */
const PAUSE = 12;

/** Predictions with their noise smoothed out, as far as evaluations have shown it. */
export interface SmoothedTable extends PredictionTable {
	/** What the model said this time, where it said anything; read it before the next observation. */
	readonly raw: Float32Array;
	/** Observations that each value rests on since its last change of level; read it before the next observation. */
	readonly support: Float32Array;
}

/** When the predictions of an evaluation were made, and how much they share with those before. */
export interface ObservationTime {
	/** ms since the epoch of the newest measurement. */
	readonly dataAt: number;
	/** Seconds of measurements in one prediction; 0 when predictions are independent. */
	readonly windowSeconds: number;
	/** ms since the epoch; absent: the clock is never set back. */
	readonly now?: number | undefined;
}

/**
 * One workload's predictions from evaluation to evaluation: noise is averaged out, changes of level are
 * followed at once, outliers and gaps are passed over. Values are on the objective's own scale; turning
 * it around or permuting nodes changes nothing.
 */
export class Levels {
	private columns = new LevelColumns([]);
	private readonly noise = new SharedNoise();
	private observedAt: number | undefined;
	/** The table of the last observation, until it is smoothed. */
	private observed: PredictionTable | undefined;

	/** Takes in one evaluation's predictions. The same measurements are not taken twice. */
	observe(table: PredictionTable, { dataAt, windowSeconds, now = Number.POSITIVE_INFINITY }: ObservationTime): void {
		if (this.observedAt !== undefined && isFromFuture(this.observedAt, now)) this.observedAt = undefined;
		const elapsed = this.observedAt === undefined ? undefined : dataAt - this.observedAt;
		if (elapsed !== undefined && elapsed <= 0) return;
		this.columns = this.columns.for(table.nodes);
		const windows = elapsed === undefined || windowSeconds === 0 ? 1 : elapsed / (windowSeconds * 1000);
		if (windows > PAUSE) this.forget(windows / MEMORY);
		// Predictions that share measurements are worth their new part only.
		this.take(table.value, Math.min(1, windows));
		this.observedAt = dataAt;
		this.observed = table;
	}

	/** Smooths, in place, predictions made from what `observe` was last given, or from other loads since. */
	smooth(table: PredictionTable): SmoothedTable {
		const columns = this.columns.for(table.nodes);
		const { level, raw: before, scatter, scatterSupport, support } = columns;
		const { value, lower, upper } = table;
		// What was just observed is remembered anyway.
		const raw = table === this.observed ? before : value.slice();
		this.observed = undefined;
		const { noise } = this;
		for (let row = 0; row < value.length; row += 1) {
			const seen = value[row] as number;
			const observations = support[row] as number;
			if (observations === 0 || Number.isNaN(seen)) continue;
			const own = level[row] as number;
			const last = before[row] as number;
			const scale = own * last > 0 ? own / last : 1;
			const smoothed = seen === last ? own : scale === 1 ? seen + own - last : seen * scale;
			const sigma = noise.sigma(own, scatter[row] as number, scatterSupport[row] as number);
			const scattered = noise.isKnown ? INTERVAL_QUANTILE * sigma : 0;
			value[row] = smoothed;
			lower[row] = smoothed - narrowed((seen - (lower[row] as number)) * scale, scattered, observations);
			upper[row] = smoothed + narrowed(((upper[row] as number) - seen) * scale, scattered, observations);
		}
		return { ...table, raw, support };
	}

	/** One observation of every node. */
	private take(value: Float32Array, weight: number): void {
		const { noise, columns } = this;
		const { level, support, scatter, scatterSupport, raw, outliers } = columns;
		const range = columns.range();
		const perDifference = 1 / Math.sqrt(2 * weight);
		let sum = 0;
		let count = 0;
		for (let row = 0; row < value.length; row += 1) {
			const seen = value[row] as number;
			if (Number.isNaN(seen)) continue;
			const observations = support[row] as number;
			if (observations === 0) {
				columns.restart(row, seen, 1);
				raw[row] = seen;
				continue;
			}
			const own = level[row] as number;
			const known = scatterSupport[row] as number;
			const usual = noise.isKnown ? noise.sigma(own, scatter[row] as number, known) : Number.POSITIVE_INFINITY;
			const sigma = usual * shareThere(own, seen);
			const isOnLine = this.isSloping(row, sigma, weight);
			const expected = isOnLine ? (columns.line[row] as number) + (columns.slope[row] as number) : own;
			const deviation = seen - expected;
			// Successive differences know nothing of drifts and changes of level (von Neumann, 1941).
			const difference = Math.min(Math.abs(seen - (raw[row] as number)) * perDifference, OUTLIER * sigma);
			if (Math.abs(deviation) > OUTLIER * sigma * Math.sqrt(1 + 1 / observations)) {
				this.outlier(row, { seen, expected, sigma, range });
			} else {
				outliers[row] = 0;
				this.fit(row, seen, weight);
				if (this.isSloping(row, sigma, weight)) {
					level[row] = between(columns.line[row] as number, own, seen);
					support[row] = Math.max(1, (columns.fitted[row] as number) * weight * LINE_SUPPORT);
				} else {
					const next = Math.min(observations + weight, 2 * MEMORY);
					support[row] = next;
					level[row] = own + ((seen - own) * weight) / Math.min(next, MEMORY);
				}
			}
			const learned = Math.min(known + 1, SCATTER_MEMORY);
			scatterSupport[row] = learned;
			scatter[row] = (scatter[row] as number) + (difference - (scatter[row] as number)) / learned;
			raw[row] = seen;
			const size = Math.abs(own) || Math.abs(seen);
			if (size > 0) sum += difference / size;
			count += 1;
		}
		noise.add(sum, count);
	}

	/** Takes an observation into the line. */
	private fit(row: number, seen: number, weight: number): void {
		const { line, slope, fitted } = this.columns;
		const size = Math.min((fitted[row] as number) + 1, LINE_MEMORY / weight, 255);
		const ahead = (line[row] as number) + (slope[row] as number);
		const residual = seen - ahead;
		fitted[row] = size;
		line[row] = ahead + ((4 * size - 2) / (size * (size + 1))) * residual;
		slope[row] = (slope[row] as number) + (6 / (size * (size + 1))) * residual;
	}

	/** Whether the line goes up or down beyond noise. */
	private isSloping(row: number, sigma: number, weight: number): boolean {
		const size = this.columns.fitted[row] as number;
		if (size < LINE_LEAST) return false;
		const deviation = sigma * Math.sqrt(12 / (size * (size * size - 1) * weight));
		return Math.abs(this.columns.slope[row] as number) > LINE_SIGNIFICANCE * deviation;
	}

	private outlier(row: number, { seen, expected, sigma, range }: Deviation): void {
		const { columns } = this;
		const sign = Math.sign(seen - expected);
		const before = columns.outliers[row] as number;
		const count = before * sign > 0 ? Math.abs(before) : 0;
		const mean = columns.outlierMean[row] as number;
		const agrees = count > 0 && Math.abs(seen - mean) <= AGREEMENT * sigma;
		const next = agrees ? mean + (seen - mean) / (count + 1) : seen;
		const isKnownLevel = next >= range.least - OUTLIER * sigma && next <= range.most + OUTLIER * sigma;
		if (count + 1 >= IN_A_ROW || (count + 1 >= AGREEING && agrees && isKnownLevel)) {
			const share = shareThere(columns.level[row] as number, next);
			columns.scatter[row] = (columns.scatter[row] as number) * share;
			columns.restart(row, next, agrees ? count + 1 : 1);
			return;
		}
		columns.outliers[row] = sign * (count + 1);
		columns.outlierMean[row] = next;
	}

	/** What was observed before a pause counts the less the longer it was; `share` of the memory has passed. */
	private forget(share: number): void {
		const kept = Math.max(0, 1 - share);
		const { support } = this.columns;
		for (let row = 0; row < support.length; row += 1) {
			const observations = support[row] as number;
			if (observations > 1) support[row] = 1 + (observations - 1) * kept;
		}
	}
}

/**
 * Noise grows with the level: what is far below is judged by the noise that there would be there, or a node that
 * recovers would be taken for one whose wild values happen to be low.
 */
function shareThere(level: number, seen: number): number {
	const share = Math.abs(seen / level);
	return share < FAR_BELOW ? share : 1;
}

/**
 * The end of a line, no further than from the last level to what is seen: after a change of level that noise hid, the
 * line shoots past both, and on to where nothing ever was.
 */
function between(line: number, level: number, seen: number): number {
	return Math.max(Math.min(level, seen), Math.min(Math.max(level, seen), line));
}

interface Deviation {
	readonly seen: number;
	readonly expected: number;
	readonly sigma: number;
	readonly range: ReturnType<LevelColumns["range"]>;
}

/**
 * Half an interval once noise is averaged over so many observations: what the model is unsure of beyond
 * the noise that its predictions show stays as it is.
 */
function narrowed(half: number, noise: number, observations: number): number {
	const beyond = Math.max(0, half * half - noise * noise);
	return Math.sqrt(beyond + (noise * noise) / observations);
}
