import { isFromFuture } from "../clock-skew.ts";
import type { Policy } from "../policy/policy.ts";
import type { Gain } from "./gain.ts";
import { normalQuantile } from "./normal.ts";

/** Evaluations in a row that named the same better domain. Kept by the caller from one to the next. */
export interface Streak {
	readonly domain: string;
	readonly count: number;
	/** Time (ms) of the evaluation that named it first. */
	readonly since: number;
	/** Log-likelihood ratio for the gain, see `evidenceOf`. */
	readonly evidence: number;
	/** Time (ms) of the newest measurement of the last evaluation that named it. */
	readonly dataAt: number | undefined;
	/** Evaluations since then that could not say anything. */
	readonly missed: number;
}

/** Wald's bound ln((1 - b) / a) for errors of 1 in 20: the level that the gain rests on was confirmed before. */
const BEYOND_DOUBT = Math.log(0.95 / 0.05);

/** Evaluations share a model and its errors, so however strong, one alone is never beyond doubt. */
const FEWEST = 2;

/** A level found anew rests on at most so many observations, each of which spoke for the change. */
const NEW_LEVEL = 3;

/** A streak outlives so many evaluations in a row without an answer: gaps are no contradiction. */
const MOST_MISSED = 12;

/**
 * The sequential likelihood ratio of "the gain is at least the cost plus minGain" against "the gain is the cost"
 * (Wald, 1945; generalized, as the gain may be any: Lai, Annals of Statistics 16, 1988), with sigma from the bound:
 *
 *     surplus <= minGain: minGain / sigma^2 * (surplus - minGain / 2)      surplus = gain - cost
 *     surplus >  minGain: surplus^2 / (2 sigma^2)
 *
 * The predictions are smoothed, so one evaluation holds what those before it have seen: nothing is summed up.
 * Certain gains count as beyond doubt.
 */
export function evidenceOf(gain: Gain, cost: number, { minGain, confidence }: Policy["rebalance"]): number {
	if (minGain === 0) return 0;
	const sigma = (gain.value - gain.lowerBound) / Math.max(normalQuantile(confidence), 1e-3);
	const surplus = gain.value - cost;
	// The likeliest of the gains that the move is made for.
	const claimed = Math.max(minGain, surplus);
	if (sigma <= 0) return surplus > minGain / 2 ? BEYOND_DOUBT : 0;
	return (claimed / sigma ** 2) * (surplus - claimed / 2);
}

/** What one evaluation says for a domain. */
export interface Naming extends Pick<Streak, "domain" | "evidence" | "dataAt"> {
	/** Observations that the gain rests on since the last change of level; absent: this one. */
	readonly support: number | undefined;
	/** ms since the epoch. */
	readonly now: number;
}

/** The streak after an evaluation that named a domain; the same measurements are never counted twice. */
export function continued(streak: Streak | undefined, { domain, evidence, dataAt, support, now }: Naming): Streak {
	// What an evaluation has seen later than now, by a clock that was set back since, would outlast all that follows.
	if (streak?.domain !== domain || isFromFuture(streak.dataAt ?? now, now)) {
		const isNewLevel = support !== undefined && support <= NEW_LEVEL;
		return {
			domain,
			count: isNewLevel ? Math.max(1, Math.floor(support)) : 1,
			since: now,
			evidence,
			dataAt,
			missed: 0,
		};
	}
	if (dataAt !== undefined && streak.dataAt !== undefined && dataAt <= streak.dataAt) return streak;
	return { ...streak, count: streak.count + 1, evidence, dataAt, missed: 0 };
}

/** The streak after an evaluation that could not say anything of it. */
export function interrupted(streak: Streak): Streak | undefined {
	return streak.missed < MOST_MISSED ? { ...streak, missed: streak.missed + 1 } : undefined;
}

/** How many evaluations in a row this streak needs. */
export function needed(streak: Streak, { stabilization }: Policy["rebalance"]): number {
	return streak.evidence >= BEYOND_DOUBT ? Math.min(FEWEST, stabilization) : stabilization;
}
