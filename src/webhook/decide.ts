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
