const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };
const DURATION = /^(\d+(\.\d+)?(ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** Seconds of a duration as Go writes it (`30s`, `5m`, `1h30m`, `250ms`); `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
	if (!DURATION.test(text)) return undefined;
	let seconds = 0;
	for (const [, amount, unit] of text.matchAll(PART)) {
		seconds += Number(amount) * (SECONDS[unit ?? ""] ?? Number.NaN);
	}
	return Number.isFinite(seconds) ? seconds : undefined;
}

/** A non-negative number of seconds as Go writes durations, to the millisecond: `1h30m`, `2.5s`, `0s`. */
export function formatDuration(seconds: number): string {
	const milliseconds = Math.round(seconds * 1000);
	if (milliseconds > 0 && milliseconds < 1000) return `${milliseconds}ms`;
	const hours = Math.floor(milliseconds / 3_600_000);
	const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
	const rest = (milliseconds % 60_000) / 1000;
	const text = `${hours > 0 ? `${hours}h` : ""}${minutes > 0 ? `${minutes}m` : ""}${rest > 0 ? `${rest}s` : ""}`;
	return text === "" ? "0s" : text;
}
