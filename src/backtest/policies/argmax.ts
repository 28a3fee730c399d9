import { bestOf, type PlacementPolicy, type PolicyContext, shown } from "./policy.ts";

/** Always the node with the best prediction. */
export function argmax({ policy: { objective } }: PolicyContext): PlacementPolicy {
	return {
		decide({ predicted, ...sight }) {
			const best = bestOf({ ...sight, predicted }, predicted, objective.direction);
			if (best === undefined || best === sight.current) return undefined;
			return { node: best, reason: `best prediction: ${shown(predicted[best] as number)}` };
		},
	};
}
