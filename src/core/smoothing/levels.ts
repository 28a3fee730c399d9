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

/**
 * Smaller changes are found by a two-sided CUSUM (Page, Biometrika 41, 1954) on standardized deviations:
 * it tolerates half a standard deviation and alarms at nine, so that noise alone alarms less than once in
 * thousands of observations, and a shift by two standard deviations after six or so.
 */
const TOLERANCE = 0.5;
const ALARM = 9;

/** The moment chosen by an alarm makes its mean look extreme: half of its observations are counted. */
const AFTER_ALARM = 0.5;

/** Observations that a node's own scatter is averaged over at the most. */
const SCATTER_MEMORY = 30;

/** Predictions with their noise smoothed out, as far as evaluations have shown it. */
export interface SmoothedTable extends PredictionTable {
	/** What the model said this time. */
	readonly raw: Float32Array;
	/** Observations that each value rests on since its last change of level. */
	readonly support: Float32Array;
}

/** When the predictions of an evaluation were made, and how much they share with those before. */
export interface ObservationTime {
	/** ms since the epoch of the newest measurement. */
	readonly dataAt: number;
	/** Seconds of measurements in one prediction; 0 when predictions are independent. */
	readonly windowSeconds: number;
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

	/** Takes in one evaluation's predictions. The same measurements are not taken twice. */
	observe(table: PredictionTable, { dataAt, windowSeconds }: ObservationTime): void {
		const elapsed = this.observedAt === undefined ? undefined : dataAt - this.observedAt;
		if (elapsed !== undefined && elapsed <= 0) return;
		this.columns = this.columns.for(table.nodes);
		const windowMs = windowSeconds * 1000;
		// Predictions that share measurements are worth their new part only.
		const weight = elapsed === undefined || windowMs === 0 ? 1 : Math.min(1, elapsed / windowMs);
		if (elapsed !== undefined && windowMs > 0) this.forget(elapsed / (MEMORY * windowMs));
		const range = this.range();
		let sum = 0;
		let count = 0;
		for (let row = 0; row < table.nodes.length; row += 1) {
			const value = table.value[row] as number;
			if (Number.isNaN(value)) continue;
			const share = this.take(row, value, weight, range);
			this.columns.raw[row] = value;
			if (Number.isNaN(share)) continue;
			sum += share;
			count += 1;
		}
		this.noise.add(sum, count);
		this.observedAt = dataAt;
	}

	/** Predictions made from what `observe` was last given, or from other loads since, smoothed. */
	smooth(table: PredictionTable): SmoothedTable {
		const { nodes } = table;
		const columns = this.columns.for(nodes);
		const value = Float32Array.from(table.value);
		const lower = Float32Array.from(table.lower);
		const upper = Float32Array.from(table.upper);
		const support = new Float32Array(nodes.length);
		for (let row = 0; row < nodes.length; row += 1) {
			const raw = value[row] as number;
			const observations = columns.support[row] as number;
			if (observations === 0 || Number.isNaN(raw)) continue;
			const level = columns.level[row] as number;
			const before = columns.raw[row] as number;
			const isShare = level * before > 0;
			const smoothed = raw === before ? level : isShare ? raw * (level / before) : raw + level - before;
			const scale = isShare ? level / before : 1;
			const noise = this.noise.isKnown ? INTERVAL_QUANTILE * this.sigma(columns, row) : 0;
			value[row] = smoothed;
			lower[row] = smoothed - narrowed((raw - (lower[row] as number)) * scale, noise, observations);
			upper[row] = smoothed + narrowed(((upper[row] as number) - raw) * scale, noise, observations);
			support[row] = observations;
		}
		return { nodes, value, lower, upper, extrapolated: table.extrapolated, raw: table.value, support };
	}

	/** One observation; returns its scatter as a share of the level, NaN where there was none before it. */
	private take(row: number, value: number, weight: number, range: Range): number {
		const { columns } = this;
		const support = columns.support[row] as number;
		if (support === 0) {
			columns.restart(row, value, 1);
			return Number.NaN;
		}
		const level = columns.level[row] as number;
		const size = Math.abs(level) || Math.abs(value);
		// Successive differences know nothing of drifts and changes of level (von Neumann, 1941).
		const difference = Math.abs(value - (columns.raw[row] as number)) / Math.sqrt(2 * weight);
		const sigma = this.noise.isKnown ? this.sigma(columns, row) : Number.POSITIVE_INFINITY;
		const scatter = Math.min(difference, OUTLIER * sigma);
		const score = (value - level) / (sigma * Math.sqrt(1 + 1 / support));
		if (Math.abs(score) > OUTLIER) this.outlier(row, value, sigma, range);
		else this.ordinary(row, value, score, weight);
		this.learn(row, scatter);
		return size > 0 ? scatter / size : 0;
	}

	private outlier(row: number, value: number, sigma: number, range: Range): void {
		const { columns } = this;
		const sign = Math.sign(value - (columns.level[row] as number));
		const before = columns.outliers[row] as number;
		const count = before * sign > 0 ? Math.abs(before) : 0;
		const mean = columns.outlierMean[row] as number;
		const agrees = count > 0 && Math.abs(value - mean) <= AGREEMENT * sigma;
		const next = count > 0 && agrees ? mean + (value - mean) / (count + 1) : value;
		const isSeenBefore = next >= range.least - OUTLIER * sigma && next <= range.most + OUTLIER * sigma;
		if (count + 1 >= IN_A_ROW || (count + 1 >= AGREEING && agrees && isSeenBefore)) {
			columns.restart(row, next, agrees ? count + 1 : 1);
			return;
		}
		columns.outliers[row] = sign * (count + 1);
		columns.outlierMean[row] = next;
	}

	private ordinary(row: number, value: number, score: number, weight: number): void {
		const { columns } = this;
		columns.outliers[row] = 0;
		this.accumulate(row, value, score, weight);
		if (Math.abs(columns.drift[row] as number) > ALARM) {
			const length = columns.driftLength[row] as number;
			columns.restart(row, columns.driftMean[row] as number, Math.max(1, length * weight * AFTER_ALARM));
			return;
		}
		this.follow(row, value, weight);
	}

	/** The side that the cumulative sum is on, how long, and the mean of the values meanwhile. */
	private accumulate(row: number, value: number, score: number, weight: number): void {
		const { columns } = this;
		const drift = columns.drift[row] as number;
		const side = Math.sign(drift) || Math.sign(score);
		const next = drift + weight * (score - side * TOLERANCE);
		if (next * side > 0) {
			const length = Math.min((columns.driftLength[row] as number) + 1, 255);
			const mean = length === 1 ? value : (columns.driftMean[row] as number);
			columns.drift[row] = next;
			columns.driftLength[row] = length;
			columns.driftMean[row] = mean + (value - mean) / length;
			return;
		}
		columns.drift[row] = 0;
		columns.driftLength[row] = 0;
	}

	private follow(row: number, value: number, weight: number): void {
		const { columns } = this;
		const level = columns.level[row] as number;
		const support = Math.min((columns.support[row] as number) + weight, 2 * MEMORY);
		columns.support[row] = support;
		columns.level[row] = level + ((value - level) * weight) / Math.min(support, MEMORY);
	}

	private learn(row: number, scatter: number): void {
		const { columns } = this;
		const support = Math.min((columns.scatterSupport[row] as number) + 1, SCATTER_MEMORY);
		const before = columns.scatter[row] as number;
		columns.scatterSupport[row] = support;
		columns.scatter[row] = before + (scatter - before) / support;
	}

	/** What was observed before a pause counts the less the longer it was; `share` of the memory has passed. */
	private forget(share: number): void {
		const kept = Math.max(0, 1 - share);
		const { support } = this.columns;
		// Within the memory, observations themselves make the old ones fade.
		if (share < 1 / 6) return;
		for (let row = 0; row < support.length; row += 1) {
			const observations = support[row] as number;
			if (observations > 1) support[row] = 1 + (observations - 1) * kept;
		}
	}

	private sigma({ level, scatter, scatterSupport }: LevelColumns, row: number): number {
		return this.noise.sigma(level[row] as number, scatter[row] as number, scatterSupport[row] as number);
	}

	/** The levels that the workload's nodes have shown so far. */
	private range(): Range {
		const { level, support } = this.columns;
		let least = Number.POSITIVE_INFINITY;
		let most = Number.NEGATIVE_INFINITY;
		for (let row = 0; row < level.length; row += 1) {
			if ((support[row] as number) <= 2) continue;
			least = Math.min(least, level[row] as number);
			most = Math.max(most, level[row] as number);
		}
		return { least, most };
	}
}

interface Range {
	readonly least: number;
	readonly most: number;
}

/**
 * Half an interval once noise is averaged over so many observations: what the model is unsure of beyond
 * the noise that its predictions show stays as it is.
 */
function narrowed(half: number, noise: number, observations: number): number {
	const beyond = Math.max(0, half * half - noise * noise);
	return Math.sqrt(beyond + (noise * noise) / observations);
}
