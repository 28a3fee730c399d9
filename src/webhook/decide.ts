import { setTimeout as sleep } from "node:timers/promises";
import { hasPlacingPolicy } from "../core/admission/governance.ts";
import type { Placer } from "../core/admission/placer.ts";
import type { AdmissionView } from "../core/admission/view.ts";
import type { Decide } from "./mutate.ts";

export interface DecideOptions {
	readonly placer: Pick<Placer, "place">;
	/** The caches as they are at the moment of the call. */
	readonly view: () => AdmissionView;
}

/** How long a pod may wait for its Deployment to reach the caches: it was created milliseconds before. */
const LONGEST_WAIT_MS = 100;
const LOOK_EVERY_MS = 5;

/**
 * Between two rankings that are made ahead of need. Each takes some milliseconds of this thread, and a review that
 * arrives needs it several times: one after the other they would hold up everything that comes in a third of a second.
 */
const REST_MS = 20;

/** Lets what has arrived be answered. */
export async function rest(): Promise<void> {
	await sleep(REST_MS);
}

/** The decision of the core, for pods that may be ahead of the caches. */
export function createDecide({ placer, view }: DecideOptions): Decide {
	return async (pod, request) => {
		let decision = await placer.place(pod, view(), request);
		if (decision.kind === "Place" || decision.reason !== "WorkloadNotCached") return decision;
		if (!hasPlacingPolicy(pod.namespace, view())) return decision;
		const giveUpAt = performance.now() + LONGEST_WAIT_MS;
		while (performance.now() < giveUpAt && !request.signal.aborted) {
			await sleep(LOOK_EVERY_MS);
			decision = await placer.place(pod, view(), request);
			if (decision.kind === "Place" || decision.reason !== "WorkloadNotCached") return decision;
		}
		return decision;
	};
}
