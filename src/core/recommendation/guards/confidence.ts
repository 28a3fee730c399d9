import { percent } from "../format.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** Even if the predictions err, the gain must pay for the move. */
export function confidenceGuard({ policy, best, gain, cost }: Assessment): Decision | undefined {
	if (!best || !gain || gain.lowerBound > cost) return undefined;
	const numbers = `at least ${percent(gain.lowerBound)} with ${percent(policy.rebalance.confidence)} confidence`;
	return stay(
		"GainNotConfident",
		`${best.domain} would gain ${percent(gain.value)}, ${numbers}; a move costs ${percent(cost)}`,
	);
}
