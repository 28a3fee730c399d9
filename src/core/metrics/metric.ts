/** One entry of the metric catalogue, without the query (adapters know how to ask for it). */
export interface MetricDefinition {
	readonly name: string;
	readonly scope: "Node" | "Workload";
	/** Base unit as Prometheus names it: `seconds`, `cores`, `bytes`, `ratio`, `frames_per_second`. */
	readonly unit: string;
	/** Values outside [min, max] are Unknown, in the metric's unit. */
	readonly min: number;
	readonly max: number;
}

/** Why there is no number. Unknown is never 0. */
export type UnknownReason = "Absent" | "Stale" | "NotFinite" | "OutOfRange";

/** A value in its metric's unit with its true time (ms since the epoch), or the reason for none. */
export type Measurement =
	| { readonly known: true; readonly value: number; readonly at: number }
	| { readonly known: false; readonly reason: UnknownReason };

/** One raw sample, named by its metric and attributed to a node name or a `namespace/name`. */
export interface MetricSample {
	readonly metric: string;
	readonly entity: string;
	/** True time of the sample, ms since the epoch. */
	readonly at: number;
	/** In the metric's unit; may be NaN or infinite, as the source gave it. */
	readonly value: number;
}

/** A metric that could not be asked for. */
export interface MetricFailure {
	readonly metric: string;
	/** One line: what, where and how to mend it. */
	readonly message: string;
	/** Source: it fails whatever it is asked. */
	readonly concerns: "Query" | "Source";
}

/** What one collection brought: every metric either answered or failed. */
export interface Collection {
	readonly samples: readonly MetricSample[];
	readonly failures: readonly MetricFailure[];
}

/** Port: where measurements come from. Never rejects; an unreachable source is a failure per metric. */
export interface MetricsSource {
	/** Samples of the last `seconds` up to `now` (ms since the epoch). */
	collect(seconds: number, now: number): Promise<Collection>;
}

/** Port: read access to the ring buffers. */
export interface MetricReader {
	readonly steps: number;
	readonly stepSeconds: number;
	definition(metric: string): MetricDefinition | undefined;
	/** The last `steps` values of a series, oldest first, the last one at `now`'s step; NaN is Unknown. */
	window(metric: string, entity: string, now: number): Float64Array;
	/** As `window`, reaching further back where more is kept; its last `steps` values are the window. */
	history(metric: string, entity: string, now: number): Float64Array;
	/** The newest value, Unknown when older than two steps. */
	latest(metric: string, entity: string, now: number): Measurement;
	/** Known values sampled at or after `since` (ms), oldest first. */
	since(metric: string, entity: string, since: number, now: number): readonly number[];
	/** Age in seconds of the newest sample of a series; `undefined` without one. */
	age(metric: string, entity: string, now: number): number | undefined;
	/** Why a metric has got no answer for longer than values count. */
	failure(metric: string, now: number): MetricFailure | undefined;
}
