/** Seconds without an answer from which on the API server was away. */
const OUTAGE_SECONDS = 20;

/** Whether the API server answers, as its requests tell: asked and not answered counts, not asked does not. */
export class Reachability {
	private readonly clock: () => number;
	/** When the first request was sent that nothing was answered after, ms of the monotonic clock. */
	private askedAt: number | undefined;
	private restoredAt = Number.NEGATIVE_INFINITY;

	/** @param clock monotonic, ms */
	constructor(clock: () => number = () => performance.now()) {
		this.clock = clock;
	}

	asked(): void {
		this.askedAt ??= this.clock();
	}

	/** The API server said something, even if it was a refusal. */
	answered(): void {
		const now = this.clock();
		if (this.askedAt !== undefined && now - this.askedAt > OUTAGE_SECONDS * 1000) this.restoredAt = now;
		this.askedAt = undefined;
	}

	/** Since the API server answered again after it was away for long; infinite when it never was. */
	secondsSinceOutage(): number {
		return (this.clock() - this.restoredAt) / 1000;
	}
}
