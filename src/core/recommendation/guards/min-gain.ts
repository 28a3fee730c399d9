import { percent } from "../format.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** Small gains are not worth anybody's attention. */
export function minGainGuard({ policy, best, gain }: Assessment): Decision | undefined {
	const { minGain } = policy.rebalance;
	if (!best || !gain || gain.value >= minGain) return undefined;
	return stay("GainBelowMinimum", `${best.domain} would gain ${percent(gain.value)}, less than ${percent(minGain)}`);
}
