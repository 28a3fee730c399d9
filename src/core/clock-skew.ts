/** Clocks of two computers are never quite the same; what differs more (ms) is wrong. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** Whether a time that something else has written (ms since the epoch) cannot be true: it counts as none. */
export function isFromFuture(time: number, now: number): boolean {
	return time > now + MAX_CLOCK_SKEW_MS;
}
