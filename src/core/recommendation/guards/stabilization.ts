import { percent } from "../format.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";
import { needed } from "../streak.ts";

/** The same place must be found better several times in a row, and the newest predictions must not deny it. */
export function stabilizationGuard({ policy, best, nextStreak, newestGain, cost }: Assessment): Decision | undefined {
	if (!best || !nextStreak) return undefined;
	if (nextStreak.domain !== best.domain) {
		return stay("Stabilizing", `${nextStreak.domain} was better before; nothing is known of it now`);
	}
	if (newestGain !== undefined && newestGain <= cost) {
		return stay("Stabilizing", `by the newest predictions ${best.domain} would gain ${percent(newestGain)} only`);
	}
	const required = needed(nextStreak, policy.rebalance);
	if (nextStreak.count >= required) return undefined;
	const message = `${nextStreak.domain} was better in ${nextStreak.count} of ${required} evaluations in a row`;
	return stay("Stabilizing", message);
}
