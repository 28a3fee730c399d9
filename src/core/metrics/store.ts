import { Failures } from "./failures.ts";
import type { Measurement, MetricDefinition, MetricFailure, MetricReader, MetricSample } from "./metric.ts";
import { type Series, SeriesPool, SlotState } from "./series.ts";

/** Steps after which the newest value of a series no longer counts. */
const STALE_AFTER_STEPS = 2;

/** Windows of history that a controller keeps of every workload: what the app usually delivers shows beyond one. */
export const HISTORY_WINDOWS = 4;

export interface MetricStoreOptions {
	/** Slots of a window. */
	readonly steps: number;
	/** Slots kept of a workload's series, for its history; at least `steps`, absent: as many. */
	readonly historySteps?: number | undefined;
	readonly stepSeconds: number;
}

interface MetricSeries {
	readonly definition: MetricDefinition;
	readonly byEntity: Map<string, Series>;
}

const ABSENT: Measurement = { known: false, reason: "Absent" };
const STALE: Measurement = { known: false, reason: "Stale" };
const NOT_FINITE: Measurement = { known: false, reason: "NotFinite" };
const OUT_OF_RANGE: Measurement = { known: false, reason: "OutOfRange" };

/**
 * Ring buffers of all series on one grid: slot k holds the sample with the newest true time in
 * [k, k + 1) steps since the epoch. The newest wins, rather than a mean, because that makes ingesting
 * the same or an overlapping collection again change nothing, and keeps one true time per value.
 */
export class MetricStore implements MetricReader {
	readonly steps: number;
	readonly stepSeconds: number;
	private readonly metrics = new Map<string, MetricSeries>();
	private readonly failures = new Failures();
	private readonly pools: Readonly<Record<MetricDefinition["scope"], SeriesPool>>;
	private readonly unknownWindow: Float64Array;
	private readonly unknownHistory: Float64Array;

	constructor(definitions: Iterable<MetricDefinition>, options: MetricStoreOptions) {
		this.steps = options.steps;
		this.stepSeconds = options.stepSeconds;
		const historySteps = Math.max(options.historySteps ?? 0, options.steps);
		this.pools = { Node: new SeriesPool(options.steps), Workload: new SeriesPool(historySteps) };
		this.unknownWindow = new Float64Array(options.steps).fill(Number.NaN);
		this.unknownHistory = new Float64Array(historySteps).fill(Number.NaN);
		for (const definition of definitions) {
			this.metrics.set(definition.name, { definition, byEntity: new Map() });
		}
	}

	definition(metric: string): MetricDefinition | undefined {
		return this.metrics.get(metric)?.definition;
	}

	/** Names of the entities that have a series of the metric. */
	entities(metric: string): Iterable<string> {
		return this.metrics.get(metric)?.byEntity.keys() ?? [];
	}

	/**
	 * Puts samples into their slots by their true times; late ones fill theirs. Samples of metrics that
	 * are not in the catalogue, older than the window or of a step after `now`'s are dropped.
	 */
	ingest(samples: Iterable<MetricSample>, now: number): void {
		const head = this.step(now);
		for (const sample of samples) {
			const metric = this.metrics.get(sample.metric);
			const step = this.step(sample.at);
			if (!metric || !(step <= head) || step <= head - this.kept(metric.definition)) continue;
			let series = metric.byEntity.get(sample.entity);
			if (!series) {
				series = this.pools[metric.definition.scope].take(head);
				metric.byEntity.set(sample.entity, series);
			}
			series.advance(head);
			// Else a clock that was ahead for a moment would keep out all that is measured until it is that late.
			series.rewind(head);
			put(series, this.slot(series, step), sample, metric.definition);
		}
	}

	/** Takes note of what failed in a collection at `now`; the rest of the catalogue was answered. */
	noteFailures(failures: readonly MetricFailure[], now: number): void {
		this.failures.note(this.metrics.keys(), failures, now);
	}

	/** Drops the series of entities that are gone, so that a new one of the same name starts Unknown. */
	forget(isAlive: (scope: MetricDefinition["scope"], entity: string) => boolean): void {
		for (const { definition, byEntity } of this.metrics.values()) {
			for (const [entity, series] of byEntity) {
				if (isAlive(definition.scope, entity)) continue;
				byEntity.delete(entity);
				this.pools[definition.scope].giveBack(series);
			}
		}
	}

	/**
	 * The last `steps` values, oldest first, the last one at `now`'s step; NaN is Unknown. The array is
	 * the buffer itself: read it at once, do not change or keep it.
	 */
	window(metric: string, entity: string, now: number): Float64Array {
		const series = this.metrics.get(metric)?.byEntity.get(entity);
		return series ? this.valuesUpTo(series, now).subarray(-this.steps) : this.unknownWindow;
	}

	/** As `window`, but all steps that are kept; more than a window for workloads only. */
	history(metric: string, entity: string, now: number): Float64Array {
		const series = this.metrics.get(metric)?.byEntity.get(entity);
		return series ? this.valuesUpTo(series, now) : this.unknownHistory;
	}

	latest(metric: string, entity: string, now: number): Measurement {
		const series = this.metrics.get(metric)?.byEntity.get(entity);
		if (!series) return ABSENT;
		const slot = newestSlot(series, now);
		const at = series.times[slot] ?? 0;
		if (now - at > STALE_AFTER_STEPS * this.stepSeconds * 1000) return STALE;
		if (series.states[slot] === SlotState.NotFinite) return NOT_FINITE;
		if (series.states[slot] === SlotState.OutOfRange) return OUT_OF_RANGE;
		return { known: true, value: series.values[slot] ?? Number.NaN, at };
	}

	since(metric: string, entity: string, since: number, now: number): readonly number[] {
		const series = this.metrics.get(metric)?.byEntity.get(entity);
		if (!series) return [];
		const values: number[] = [];
		series.advance(this.step(now));
		for (let slot = 0; slot < series.values.length; slot++) {
			const at = series.times[slot] ?? 0;
			if (series.states[slot] === SlotState.Known && at >= since && at <= now) {
				values.push(series.values[slot] ?? Number.NaN);
			}
		}
		return values;
	}

	/** Age in seconds of the newest known value; what was measured as NaN or out of range does not count. */
	age(metric: string, entity: string, now: number): number | undefined {
		const series = this.metrics.get(metric)?.byEntity.get(entity);
		return series && series.newestKnown > 0 ? Math.max(0, now - series.newestKnown) / 1000 : undefined;
	}

	failure(metric: string, now: number): MetricFailure | undefined {
		return this.failures.of(metric, now, STALE_AFTER_STEPS * this.stepSeconds);
	}

	/** All slots of a series, the last one at `now`'s step. */
	private valuesUpTo(series: Series, now: number): Float64Array {
		const head = this.step(now);
		series.advance(head);
		if (series.head === head) return series.values;
		const { length } = series.values;
		const earlier = new Float64Array(length).fill(Number.NaN);
		const by = series.head - head;
		if (by < length) earlier.set(series.values.subarray(0, length - by), by);
		return earlier;
	}

	private kept({ scope }: MetricDefinition): number {
		return scope === "Node" ? this.steps : this.unknownHistory.length;
	}

	private step(at: number): number {
		return Math.floor(at / (this.stepSeconds * 1000));
	}

	private slot(series: Series, step: number): number {
		return series.values.length - 1 - (series.head - step);
	}
}

function put(series: Series, slot: number, sample: MetricSample, definition: MetricDefinition): void {
	if (slot < 0 || sample.at < (series.times[slot] ?? 0)) return;
	const state = judge(sample.value, definition);
	series.times[slot] = sample.at;
	series.states[slot] = state;
	series.values[slot] = state === SlotState.Known ? sample.value : Number.NaN;
	if (state === SlotState.Known) series.newestKnown = Math.max(series.newestKnown, sample.at);
}

function judge(value: number, definition: MetricDefinition): SlotState {
	if (!Number.isFinite(value)) return SlotState.NotFinite;
	return value < definition.min || value > definition.max ? SlotState.OutOfRange : SlotState.Known;
}

/** The newest filled slot measured at or before `now`; -1: none. */
function newestSlot(series: Series, now: number): number {
	for (let slot = series.states.length - 1; slot >= 0; slot--) {
		if (series.states[slot] !== SlotState.Empty && (series.times[slot] ?? 0) <= now) return slot;
	}
	return -1;
}
