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

/** One entity's values while its series are put together; NaN with a count above 0 is a measured NaN. */
interface Column {
	readonly values: Float64Array;
	readonly counts: Uint32Array;
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
		const points = metric.aggregation === "Sum" && owner.livePod ? withHolesAsNaN(values, grid) : values;
		for (const [at, value] of points) add(column, indexOf(at, grid), value, metric.aggregation);
	}
	return [...columns].flatMap(([entity, column]) => samplesOf(metric, entity, column, grid));
}

function emptyColumn(grid: Grid): Column {
	return { values: new Float64Array(grid.points), counts: new Uint32Array(grid.points) };
}

function indexOf(at: number, grid: Grid): number {
	return Math.round((at * 1000 - grid.start) / grid.stepMs);
}

/**
 * A pod that lives and was measured before must not fall out of a sum in silence: its missing steps
 * become NaN, which makes the sum Unknown.
 */
function withHolesAsNaN(values: RangeSeries["values"], grid: Grid): RangeSeries["values"] {
	const byIndex = new Map(values.map(([at, value]) => [indexOf(at, grid), value]));
	const filled: RangeSeries["values"] = [];
	for (let index = Math.max(0, Math.min(...byIndex.keys())); index < grid.points; index++) {
		filled.push([(grid.start + index * grid.stepMs) / 1000, byIndex.get(index) ?? Number.NaN]);
	}
	return filled;
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
		const value = metric.aggregation === "Mean" ? total / count : total;
		samples.push({ metric: metric.name, entity, at: grid.start + index * grid.stepMs, value });
	}
	return samples;
}
