import type { AppTruth } from "./truth.ts";

/** A node counts as the best when no other is better by more than this share. */
export const TOLERANCE = 0.02;

/** Sums over apps and time, of what was really so. */
export class Tally {
	/** App-seconds of the world in all, beyond the target (unserved ones included), unserved, and on the best node. */
	total = 0;
	violated = 0;
	unserved = 0;
	onBest = 0;
	/** App-seconds of latency over target, logarithms: how far from the target the apps are in the geometric mean. */
	private relative = 0;
	readonly violatedByApp = new Map<string, number>();

	add(truths: readonly AppTruth[], seconds: number): void {
		for (const { app, latency, target, bestLatency } of truths) {
			this.total += seconds;
			if (latency === undefined) this.unserved += seconds;
			if (latency === undefined || latency > target) {
				this.violated += seconds;
				this.violatedByApp.set(app, (this.violatedByApp.get(app) ?? 0) + seconds);
			}
			if (latency === undefined) continue;
			if (latency <= bestLatency * (1 + TOLERANCE)) this.onBest += seconds;
			this.relative += seconds * Math.log(latency / target);
		}
	}

	/** Share of all app time on the best node. */
	get accuracy(): number {
		return this.onBest / this.total;
	}

	get violatedShare(): number {
		return this.violated / this.total;
	}

	/** Geometric mean of latency over target, of served apps. */
	get meanOfTarget(): number {
		return Math.exp(this.relative / (this.total - this.unserved));
	}
}
