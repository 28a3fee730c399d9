import type { Collection, MetricFailure, MetricSample, MetricsSource } from "../../core/metrics/metric.ts";
import { forEachConcurrently } from "../../http/concurrency.ts";
import { aggregate, type Grid, type OwnedSeries } from "./aggregate.ts";
import { Attribution, type ResolvePod } from "./attribution.ts";
import type { PrometheusClient } from "./client.ts";
import { PrometheusError } from "./errors.ts";
import { type MetricQuery, promql } from "./query.ts";

export interface PrometheusMetricsSourceOptions {
	readonly client: Pick<PrometheusClient, "queryRange">;
	readonly catalogue: readonly MetricQuery[];
	readonly stepSeconds: number;
	readonly resolvePod: ResolvePod;
	/** Queries sent at once. Default: 4. */
	readonly concurrency?: number | undefined;
	/** Ends queries under way when the process stops. */
	readonly signal?: AbortSignal | undefined;
}

const DEFAULT_CONCURRENCY = 4;
/** Longer queries are cut in messages. */
const QUERY_IN_MESSAGE = 200;

/**
 * Collects the catalogue from Prometheus, each metric by one range query on the grid of whole steps
 * since the epoch, so that every replica of the controller sees the same values.
 */
export class PrometheusMetricsSource implements MetricsSource {
	private readonly options: PrometheusMetricsSourceOptions;
	private readonly attribution: Attribution;

	constructor(options: PrometheusMetricsSourceOptions) {
		this.options = options;
		this.attribution = new Attribution(options.resolvePod);
	}

	/** The steps of the last `seconds`, the newest at or before `now`. Never rejects. */
	async collect(seconds: number, now: number): Promise<Collection> {
		const grid = gridOf(seconds, now, this.options.stepSeconds);
		const samples: MetricSample[][] = [];
		const failures: MetricFailure[] = [];
		const { catalogue, concurrency = DEFAULT_CONCURRENCY } = this.options;
		await forEachConcurrently(catalogue, concurrency, async (metric) => {
			try {
				samples.push(await this.collectMetric(metric, grid, now));
			} catch (error) {
				failures.push(this.failure(metric, error));
			}
		});
		this.attribution.prune(now - seconds * 1000);
		return { samples: samples.flat(), failures };
	}

	private async collectMetric(metric: MetricQuery, grid: Grid, now: number): Promise<MetricSample[]> {
		const { client, stepSeconds, signal } = this.options;
		const range = {
			query: promql(metric, stepSeconds),
			start: grid.start,
			end: grid.start + (grid.points - 1) * grid.stepMs,
			stepSeconds,
		};
		const owned: OwnedSeries[] = [];
		for (const series of await client.queryRange(range, signal)) {
			const owner = this.attribution.ownerOf(series.metric, metric.labels, now);
			if (owner) owned.push({ owner, values: series.values });
		}
		return aggregate(metric, owned, grid);
	}

	private failure(metric: MetricQuery, error: unknown): MetricFailure {
		const isOfServer = error instanceof PrometheusError && error.concerns === "Server";
		if (isOfServer) return { metric: metric.name, message: error.message, concerns: "Source" };
		return { metric: metric.name, message: this.describe(metric, error), concerns: "Query" };
	}

	private describe(metric: MetricQuery, error: unknown): string {
		const query = promql(metric, this.options.stepSeconds);
		const shown = query.length > QUERY_IN_MESSAGE ? `${query.slice(0, QUERY_IN_MESSAGE)}...` : query;
		const cause = error instanceof Error ? error.message : String(error);
		return `metric "${metric.name}": ${cause}; query: ${shown}`.replaceAll(/\s+/g, " ");
	}
}

function gridOf(seconds: number, now: number, stepSeconds: number): Grid {
	const stepMs = stepSeconds * 1000;
	const points = Math.max(1, Math.ceil(seconds / stepSeconds));
	const end = Math.floor(now / stepMs) * stepMs;
	return { start: end - (points - 1) * stepMs, stepMs, points };
}
