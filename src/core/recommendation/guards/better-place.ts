import { notBetter } from "../gain-wording.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** There must be another place, and it must be better. */
export function betterPlaceGuard({ policy, best, gain, occupied, candidates }: Assessment): Decision | undefined {
	if (!best || !gain) {
		return stay("NoFeasibleNode", `none of ${candidates.nodes.length} nodes can take it`);
	}
	if (occupied.has(best.domain)) return stay("AlreadyBest", `it runs on ${best.domain}, the best place`);
	if (gain.value > 0) return undefined;
	return stay("AlreadyBest", notBetter(best.domain, gain, policy));
}
