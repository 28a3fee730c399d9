import type { Policy } from "../policy/policy.ts";
import type { Gain } from "./gain.ts";
import { normalQuantile } from "./normal.ts";

/** Evaluations in a row that named the same better domain. Kept by the caller from one to the next. */
export interface Streak {
	readonly domain: string;
	readonly count: number;
	/** Log-likelihood ratio gathered so far, see `evidenceOf`. */
	readonly evidence: number;
	/** Time (ms) of the newest measurement of the last evaluation. */
	readonly dataAt: number | undefined;
}

/** A sequential test accepts with an error probability of 1 in 1,000: Wald's bound ln((1 - b) / a). */
const BEYOND_DOUBT = Math.log(0.999 / 0.001);

/** Evaluations share a model and its errors, so however strong, one alone is never beyond doubt. */
const FEWEST = 2;

/**
 * What one evaluation adds to Wald's sequential probability ratio test (1945) of "the gain is the cost
 * plus minGain" against "the gain is the cost": `minGain / sigma^2 * (gain - cost - minGain / 2)`, with
 * sigma from the bound. Certain gains count as beyond doubt.
 */
export function evidenceOf(gain: Gain, cost: number, { minGain, confidence }: Policy["rebalance"]): number {
	const sigma = (gain.value - gain.lowerBound) / Math.max(normalQuantile(confidence), 1e-3);
	const surplus = gain.value - cost - minGain / 2;
	if (minGain === 0) return 0;
	if (sigma <= 0) return surplus > 0 ? BEYOND_DOUBT : 0;
	return (minGain / sigma ** 2) * surplus;
}

/** The streak after an evaluation that named `domain`; the same measurements are never counted twice. */
export function continued(streak: Streak | undefined, { domain, evidence, dataAt }: Omit<Streak, "count">): Streak {
	if (streak?.domain !== domain) return { domain, count: 1, evidence, dataAt };
	if (dataAt !== undefined && streak.dataAt !== undefined && dataAt <= streak.dataAt) return streak;
	return { domain, count: streak.count + 1, evidence: streak.evidence + evidence, dataAt };
}

/** How many evaluations in a row this streak needs. */
export function needed(streak: Streak, { stabilization }: Policy["rebalance"]): number {
	return streak.evidence >= BEYOND_DOUBT ? Math.min(FEWEST, stabilization) : stabilization;
}
