import { duration } from "../format.ts";
import { belowMinimum } from "../gain-wording.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/**
 * A smaller gain that does not go away is worth a move too, once as much was forgone as minGain brings in
 * an hour: by the competitive rule for online switching (Borodin, Linial and Saks, 1992) what is
 * forgone and what moving costs then grow at the same pace, and half of minGain waits twice as long.
 */
const PATIENCE_MS = 3_600_000;

/** Small gains are not worth anybody's attention, unless they last. */
export function minGainGuard({ policy, best, gain, nextStreak, now }: Assessment): Decision | undefined {
	const { minGain } = policy.rebalance;
	if (!best || !gain || gain.value >= minGain) return undefined;
	const message = belowMinimum(best.domain, gain, policy);
	if (nextStreak?.domain !== best.domain) return stay("GainBelowMinimum", message);
	const left = (PATIENCE_MS * minGain) / gain.value - (now - nextStreak.since);
	if (left <= 0) return undefined;
	return stay("GainBelowMinimum", `${message}, or that it lasts for ${duration(left)} more`);
}
