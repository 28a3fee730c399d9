import type { MetricSample } from "../../core/metrics/metric.ts";
import type { Owner } from "./attribution.ts";
import type { Aggregation } from "./query.ts";
import type { RangeSeries } from "./schema.ts";

/** The steps a query was evaluated at, ms since the epoch. */
export interface Grid {
	readonly start: number;
	readonly stepMs: number;
	readonly points: number;
}

export interface OwnedSeries {
	readonly owner: Owner;
	readonly values: RangeSeries["values"];
}

/** One entity's values while its series are put together. */
interface Column {
	readonly values: Float64Array;
	/** Series that have a say in the value. */
	readonly counts: Uint32Array;
	/** 1 where a part of the entity was not measured. */
	readonly holes: Uint8Array;
}

/**
 * Puts the series of each entity together, step by step. A NaN makes a sum Unknown, while for mean and
 * maximum a pod without a value (no request, so no latency) has no say as long as another has one.
 */
export function aggregate(
	metric: { readonly name: string; readonly aggregation: Aggregation },
	series: Iterable<OwnedSeries>,
	grid: Grid,
): MetricSample[] {
	const columns = new Map<string, Column>();
	for (const { owner, values } of series) {
		const column = columns.get(owner.entity) ?? emptyColumn(grid);
		columns.set(owner.entity, column);
		for (const [at, value] of values) add(column, indexOf(at, grid), value, metric.aggregation);
		if (metric.aggregation === "Sum" && owner.livePod) markHoles(column, values, grid);
	}
	return [...columns].flatMap(([entity, column]) => samplesOf(metric, entity, column, grid));
}

function emptyColumn({ points }: Grid): Column {
	return { values: new Float64Array(points), counts: new Uint32Array(points), holes: new Uint8Array(points) };
}

function indexOf(at: number, grid: Grid): number {
	return Math.round((at * 1000 - grid.start) / grid.stepMs);
}

/** A pod that lives and was measured before must not fall out of a sum in silence. */
function markHoles(column: Column, values: RangeSeries["values"], grid: Grid): void {
	const measured = new Set(values.map(([at]) => indexOf(at, grid)));
	for (let index = Math.max(0, Math.min(...measured)); index < grid.points; index++) {
		if (!measured.has(index)) column.holes[index] = 1;
	}
}

function add(column: Column, index: number, value: number, aggregation: Aggregation): void {
	const count = column.counts[index];
	if (count === undefined) return;
	const before = column.values[index] ?? Number.NaN;
	const skips = aggregation !== "Sum";
	if (count > 0 && skips && Number.isNaN(value)) return;
	if (count === 0 || (skips && Number.isNaN(before))) {
		column.values[index] = value;
		column.counts[index] = 1;
		return;
	}
	column.values[index] = aggregation === "Max" ? Math.max(before, value) : before + value;
	column.counts[index] = count + 1;
}

function samplesOf(
	metric: { readonly name: string; readonly aggregation: Aggregation },
	entity: string,
	column: Column,
	grid: Grid,
): MetricSample[] {
	const samples: MetricSample[] = [];
	for (let index = 0; index < grid.points; index++) {
		const count = column.counts[index] ?? 0;
		if (count === 0) continue;
		const total = column.values[index] ?? Number.NaN;
		const value = metric.aggregation === "Mean" ? total / count : column.holes[index] === 1 ? Number.NaN : total;
		samples.push({ metric: metric.name, entity, at: grid.start + index * grid.stepMs, value });
	}
	return samples;
}
