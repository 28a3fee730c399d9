import type { Logger } from "pino";
import type { MetricFailure, MetricSample, MetricsSource } from "../core/metrics/metric.ts";
import type { Telemetry } from "./telemetry.ts";

/** What the collector fills. */
export interface SampleSink {
	ingest(samples: readonly MetricSample[], now: number): void;
	noteFailures(failures: readonly MetricFailure[], now: number): void;
}

export interface CollectorOptions {
	readonly source: MetricsSource;
	readonly sink: SampleSink;
	readonly stepSeconds: number;
	readonly windowSteps: number;
	readonly clock: () => number;
	readonly telemetry: Telemetry;
	readonly logger: Logger;
	readonly onCollected: () => void;
}

/** Steps asked for when the buffers are already full: late samples still find their slot. */
const OVERLAP_STEPS = 3;

/** Brings measurements into the ring buffers, once per step, on every replica. */
export class Collector {
	private readonly options: CollectorOptions;
	private timer: NodeJS.Timeout | undefined;
	private pending: Promise<void> | undefined;
	private stopped = false;
	private filled = false;
	/** Why, by metric. */
	private failing: ReadonlyMap<string, string> = new Map();
	private readonly newest = new Map<string, number>();

	constructor(options: CollectorOptions) {
		this.options = options;
	}

	/** Why metrics could not be collected the last time; `undefined`: all were. */
	get problem(): string | undefined {
		const messages = new Set(this.failing.values());
		return messages.size === 0 ? undefined : [...messages].join("; ");
	}

	/** Collects at once, then every step. */
	start(): void {
		void this.collect().finally(() => this.scheduleNext());
	}

	async stop(): Promise<void> {
		this.stopped = true;
		clearTimeout(this.timer);
		await this.pending;
	}

	/** One collection; concurrent callers share it. Never rejects. */
	collect(): Promise<void> {
		this.pending ??= this.collectOnce().finally(() => {
			this.pending = undefined;
		});
		return this.pending;
	}

	private scheduleNext(): void {
		if (this.stopped) return;
		const step = this.options.stepSeconds * 1000;
		const wait = step - (this.options.clock() % step);
		this.timer = setTimeout(() => this.start(), wait);
	}

	private async collectOnce(): Promise<void> {
		const { source, sink, stepSeconds, windowSteps, clock, onCollected } = this.options;
		const steps = this.filled ? OVERLAP_STEPS : windowSteps + 1;
		const collection = await source.collect(steps * stepSeconds, clock());
		sink.ingest(collection.samples, clock());
		sink.noteFailures(collection.failures, clock());
		this.filled = collection.failures.length === 0;
		this.reportFailures(collection.failures);
		this.reportAge(collection.samples);
		onCollected();
	}

	/** Logs a failure once, until it changes or ends; what fails for the same reason is one line. */
	private reportFailures(failures: readonly MetricFailure[]): void {
		const { logger, telemetry } = this.options;
		for (const { metric } of failures) telemetry.collectionFailures.inc({ metric });
		const news = failures.filter(({ metric, message }) => this.failing.get(metric) !== message);
		for (const [message, of] of Map.groupBy(news, ({ message }) => message)) {
			logger.warn({ metrics: of.map(({ metric }) => metric), message }, "metrics cannot be collected");
		}
		const still = new Map(failures.map(({ metric, message }) => [metric, message]));
		const metrics = [...this.failing.keys()].filter((metric) => !still.has(metric));
		if (metrics.length > 0) logger.info({ metrics }, "metrics are collected again");
		this.failing = still;
	}

	private reportAge(samples: readonly MetricSample[]): void {
		const now = this.options.clock();
		for (const { metric, at } of samples) {
			const newest = this.newest.get(metric) ?? 0;
			if (at > newest || newest > now) this.newest.set(metric, at);
		}
		for (const [metric, at] of this.newest) this.options.telemetry.dataAge.set({ metric }, (now - at) / 1000);
	}
}
