/** A number as messages show it: three significant digits. */
export function amount(value: number): string {
	return String(Number(value.toPrecision(3)));
}

/** A share as messages show it: `0.1234` is `12.3%`. */
export function percent(share: number): string {
	return `${amount(share * 100)}%`;
}

/** A length of time in ms as messages show it: whole seconds, or minutes from two minutes on. */
export function duration(milliseconds: number): string {
	const seconds = Math.ceil(milliseconds / 1000);
	return seconds < 120 ? `${seconds}s` : `${Math.ceil(seconds / 60)}m`;
}
