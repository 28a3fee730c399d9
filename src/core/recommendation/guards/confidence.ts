import { notConfident } from "../gain-wording.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** Even if the predictions err, the gain must pay for the move. */
export function confidenceGuard({ policy, best, gain, cost }: Assessment): Decision | undefined {
	if (!best || !gain || gain.lowerBound > cost) return undefined;
	return stay("GainNotConfident", notConfident(best.domain, gain, { policy, cost }));
}
