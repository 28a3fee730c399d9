import { workloadKey } from "../../../src/core/cluster/workload.ts";
import type { Objective } from "../../../src/core/policy/policy.ts";
import type { Candidate, Evaluation } from "../../../src/core/recommendation/recommendation.ts";
import type { Tracked } from "../../../src/core/tracking/run.ts";
import { policy } from "../cluster-core/builders.ts";
import { candidateTable, NOW } from "../recommendation/builders.ts";

const WEB = workloadKey("shop", "web");

export interface TrackedChanges {
	readonly objective?: Partial<Objective>;
	readonly unit?: string;
	readonly evaluation?: Partial<Evaluation>;
}

/** An evaluation of shop/web on these candidates, as it is saved. */
export function tracked(candidates: readonly Candidate[], changes: TrackedChanges = {}): Tracked {
	const [first] = candidates;
	const base = policy();
	return {
		policy: { ...base, objective: { ...base.objective, ...changes.objective } },
		unit: changes.unit ?? "seconds",
		evaluation: {
			workload: WEB,
			policy: base.name,
			observedAt: NOW,
			dataAgeSeconds: 1,
			model: { name: "headroom", version: "1", sha256: "abc" },
			current: {
				node: first?.node,
				domain: first?.domain,
				measured: { known: true, value: 0.25, at: NOW },
				predicted: first?.predicted,
			},
			recommended: undefined,
			decision: { action: "Stay", reason: "AlreadyBest", message: "it runs on the best place" },
			candidates: candidateTable(candidates),
			...changes.evaluation,
		},
	};
}
