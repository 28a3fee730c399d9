import type { WorkloadKey } from "../core/cluster/workload.ts";
import type { Actuator } from "../core/migration/command.ts";

export interface PlacementEventsOptions {
	readonly actuator: Actuator;
	readonly clock: () => number;
}

/** Events per second at most: a burst of pods must not use up what moves need of the API server. */
const PER_SECOND = 5;
/** One event per workload in so long; further pods are told by the admission metrics. */
const PER_WORKLOAD_MS = 10_000;

/** Says on the Deployment where admission placed its pods: after the answer, a few at a time, never awaited. */
export class PlacementEvents {
	private readonly options: PlacementEventsOptions;
	private readonly lastAt = new Map<WorkloadKey, number>();
	private recent: number[] = [];

	constructor(options: PlacementEventsOptions) {
		this.options = options;
	}

	announce(workload: WorkloadKey, message: string): void {
		const now = this.options.clock();
		this.recent = this.recent.filter((at) => now - at < 1000);
		const isRepeat = now - (this.lastAt.get(workload) ?? Number.NEGATIVE_INFINITY) < PER_WORKLOAD_MS;
		if (isRepeat || this.recent.length >= PER_SECOND) return;
		this.recent.push(now);
		this.lastAt.delete(workload);
		this.lastAt.set(workload, now);
		for (const [key, at] of this.lastAt) {
			if (now - at < PER_WORKLOAD_MS) break;
			this.lastAt.delete(key);
		}
		void this.options.actuator.apply({ kind: "RecordEvent", workload, type: "Normal", reason: "QoSPlaced", message });
	}
}
