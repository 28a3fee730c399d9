import { type AppRecord, type DemoRecord, HALVES, type Half, type Sample } from "./record.ts";

/** QoS of one app, or of all of them, in one half. Latencies in seconds. */
export interface Summary {
	/** Over the seconds that were answered; `undefined` without any. */
	readonly mean: number | undefined;
	readonly p95: number | undefined;
	/** Seconds above the target or without an answer. */
	readonly violationSeconds: number;
	/** Seconds without an answer. */
	readonly silentSeconds: number;
	readonly seconds: number;
}

export interface SummaryRow {
	readonly app: string;
	/** `undefined` in the row of all apps. */
	readonly target: number | undefined;
	readonly halves: Readonly<Record<Half, Summary>>;
}

/** One row per app, then one of all apps together. */
export function summarise(record: DemoRecord): readonly SummaryRow[] {
	const rows = record.apps.map((app) => rowOf(app));
	const total: SummaryRow = { app: "all apps", target: undefined, halves: bothHalves((half) => pooled(record, half)) };
	return [...rows, total];
}

function rowOf(app: AppRecord): SummaryRow {
	const summaryOf = (half: Half) => summaryOfSamples(app.halves[half].samples, app.target);
	return { app: app.name, target: app.target, halves: bothHalves(summaryOf) };
}

function bothHalves(summaryOf: (half: Half) => Summary): Record<Half, Summary> {
	return { with: summaryOf("with"), without: summaryOf("without") };
}

function pooled({ apps }: DemoRecord, half: Half): Summary {
	const parts = apps.map((app) => summaryOfSamples(app.halves[half].samples, app.target));
	const all = apps.flatMap((app) => app.halves[half].samples);
	const sum = (of: (part: Summary) => number) => parts.reduce((total, part) => total + of(part), 0);
	return {
		...summaryOfSamples(all, Number.POSITIVE_INFINITY),
		violationSeconds: sum((part) => part.violationSeconds),
	};
}

/** Each sample stands for one second. */
export function summaryOfSamples(samples: readonly Sample[], target: number): Summary {
	const values = samples.flatMap(({ value }) => (value === undefined ? [] : [value])).toSorted((a, b) => a - b);
	const silentSeconds = samples.length - values.length;
	return {
		mean: values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined,
		p95: quantile(values, 0.95),
		violationSeconds: silentSeconds + values.filter((value) => value > target).length,
		silentSeconds,
		seconds: samples.length,
	};
}

/** Nearest-rank quantile of ascending values. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Rows of the closing table, header first. */
export function summaryTable(record: DemoRecord): readonly (readonly string[])[] {
	const header = ["app", "placed by", "mean", "p95", "SLO violated", "no answer"];
	const rows = summarise(record).flatMap((row) =>
		HALVES.map((half, index) => {
			const summary = row.halves[half];
			return [
				index === 0 ? row.app : "",
				half === "with" ? "kubectl-qos" : "default scheduler",
				formatLatency(summary.mean),
				formatLatency(summary.p95),
				`${summary.violationSeconds} s`,
				`${summary.silentSeconds} s`,
			];
		}),
	);
	return [header, ...rows];
}

/** `42 ms`, `1.3 s`; an en dash where there is no number. */
export function formatLatency(seconds: number | undefined): string {
	if (seconds === undefined || !Number.isFinite(seconds)) return "–";
	const milliseconds = seconds * 1000;
	if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
	if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
	return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
}

/** Seconds since the beginning as `m:ss`. */
export function formatElapsed(seconds: number): string {
	const whole = Math.max(0, Math.floor(seconds));
	return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
