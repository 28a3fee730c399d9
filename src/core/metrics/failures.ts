import type { MetricFailure } from "./metric.ts";

/** Which metrics got no answer lately, and since when. */
export class Failures {
	private readonly failing = new Map<string, MetricFailure>();
	/** ms since the epoch, by metric. */
	private readonly answeredAt = new Map<string, number>();

	/** Takes note of one collection at `at` (ms): which of `metrics` failed; the others were answered. */
	note(metrics: Iterable<string>, failures: readonly MetricFailure[], at: number): void {
		const failed = new Map(failures.map((failure) => [failure.metric, failure]));
		for (const metric of metrics) {
			const failure = failed.get(metric);
			if (!failure) {
				this.answeredAt.set(metric, at);
				this.failing.delete(metric);
			} else if (this.failing.get(metric)?.concerns !== failure.concerns) {
				// The first words stay: those of a server that is out of reach change from try to try.
				this.failing.set(metric, failure);
			}
		}
	}

	/** Why a metric has got no answer for more than `seconds`; one that never had any has waited long enough. */
	of(metric: string, now: number, seconds: number): MetricFailure | undefined {
		const answeredAt = this.answeredAt.get(metric) ?? Number.NEGATIVE_INFINITY;
		// An answer that is yet to come was heard by a clock that has been set back since.
		return Math.abs(now - answeredAt) > seconds * 1000 ? this.failing.get(metric) : undefined;
	}
}
