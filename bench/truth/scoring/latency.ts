import type { Request } from "../requests.ts";

/** Latency that a failed request counts as, in seconds: how long a client waits. */
export const FAILED_AFTER = 10;

/** Seconds over which a mean latency is compared with the target. */
export const WINDOW_SECONDS = 10;

/** The value that a share `q` of all is at or below (nearest rank); NaN of nothing. */
export function percentile(values: readonly number[], q: number): number {
	const sorted = values.toSorted((left, right) => left - right);
	return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What a request cost the one who asked, in seconds. */
function costOf({ ok, latency }: Pick<Request, "ok" | "latency">): number {
	return ok ? latency : Math.max(latency, FAILED_AFTER);
}

/** A stretch of time of one app. */
export interface Window {
	/** ms since the epoch. */
	readonly from: number;
	/** Mean in seconds, failed requests included; NaN when nothing was asked. */
	readonly mean: number;
}

/** Windows of one app's requests from `from` (ms) on; the last one is whole or left out. */
export function windowsOf(requests: readonly Request[], from: number, seconds: number): readonly Window[] {
	const width = WINDOW_SECONDS * 1000;
	const costs = Array.from({ length: Math.floor(seconds / WINDOW_SECONDS) }, (): number[] => []);
	for (const request of requests) costs[Math.floor((request.at - from) / width)]?.push(costOf(request));
	return costs.map((inWindow, index) => ({ from: from + index * width, mean: mean(inWindow) }));
}

/** Seconds in which the mean latency was beyond the target (seconds); a window without requests counts for nothing. */
function violationSeconds(windows: readonly Window[], target: number): number {
	return windows.filter(({ mean }) => mean > target).length * WINDOW_SECONDS;
}

/** Of one app over a whole run. */
export interface LatencyFigures {
	readonly requests: number;
	readonly failed: number;
	/** Of answered requests, in seconds. */
	readonly p50: number;
	readonly p99: number;
	readonly violated: number;
}

export function latencyFigures(
	requests: readonly Request[],
	span: { readonly from: number; readonly seconds: number; readonly target: number },
): LatencyFigures {
	const answered = requests.filter(({ ok }) => ok).map(({ latency }) => latency);
	return {
		requests: requests.length,
		failed: requests.length - answered.length,
		p50: percentile(answered, 0.5),
		p99: percentile(answered, 0.99),
		violated: violationSeconds(windowsOf(requests, span.from, span.seconds), span.target),
	};
}
