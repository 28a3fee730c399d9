import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";
import { needed } from "../streak.ts";

/** The same place must be found better several times in a row. */
export function stabilizationGuard({ policy, nextStreak }: Assessment): Decision | undefined {
	if (!nextStreak) return undefined;
	const required = needed(nextStreak, policy.rebalance);
	if (nextStreak.count >= required) return undefined;
	const message = `${nextStreak.domain} was better in ${nextStreak.count} of ${required} evaluations in a row`;
	return stay("Stabilizing", message);
}
