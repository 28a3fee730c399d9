import { setTimeout as sleep } from "node:timers/promises";

/** Lets `perSecond` callers through each second on average, and a second's worth at once. */
export class RateLimit {
	private readonly perSecond: number;
	/** When the next caller may pass, in ms of the monotonic clock. */
	private next = Number.NEGATIVE_INFINITY;

	constructor(perSecond: number) {
		this.perSecond = perSecond;
	}

	/** Resolves when the caller may go on. Callers pass in the order they came. */
	async pass(): Promise<void> {
		const now = performance.now();
		const interval = 1000 / this.perSecond;
		this.next = Math.max(this.next, now - 1000) + interval;
		const wait = this.next - now;
		if (wait > 0) await sleep(wait);
	}
}
