import type { WorkloadKey } from "../cluster/workload.ts";

/** The wait doubles with every eviction up to this many times (a factor of 64). */
const MAX_DOUBLINGS = 6;

/** So many of the longest waits without an eviction end the backoff. */
const FORGET_AFTER_WAITS = 2;

/**
 * Remembers evictions per workload, so that a pod whose successors find no room either is evicted ever
 * more rarely. A restart forgets it: then the first wait is the grace again.
 */
export class EvictionBackoff {
	private readonly evictions = new Map<WorkloadKey, { readonly times: number; readonly at: number }>();

	/** Whether the workload may lose a pod at `now` (ms), with the first wait in ms. */
	allows(workload: WorkloadKey, firstWait: number, now: number): boolean {
		const last = this.evictions.get(workload);
		// A clock that was set back makes nobody wait until it is as late again.
		return !last || last.at > now || now - last.at >= firstWait * 2 ** Math.min(last.times, MAX_DOUBLINGS);
	}

	record(workload: WorkloadKey, firstWait: number, now: number): void {
		const longest = firstWait * 2 ** MAX_DOUBLINGS;
		for (const [key, { at }] of this.evictions) {
			if (now - at > FORGET_AFTER_WAITS * longest) this.evictions.delete(key);
		}
		const times = (this.evictions.get(workload)?.times ?? 0) + 1;
		this.evictions.set(workload, { times, at: now });
	}
}
