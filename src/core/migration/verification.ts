import { amount } from "../recommendation/format.ts";
import { gainUnit, improvement } from "../recommendation/gain.ts";
import { normalQuantile } from "../recommendation/normal.ts";
import type { Subject } from "./observation.ts";
import type { Because } from "./outcome.ts";

/** Fewer measurements than these are no evidence. */
const MIN_SAMPLES = 3;

/** Differences below this share of the target are noise, however steady the measurements. */
const NOISE_FLOOR = 0.05;

/** The mean before a move, which a later comparison starts from; `undefined` with too few measurements. */
export function samplesBefore({ workload, policy, observation, now }: Subject): number | undefined {
	const { metrics } = observation;
	const { stepSeconds } = metrics;
	const steps = Math.max(MIN_SAMPLES, Math.ceil(policy.rebalance.verifyAfterSeconds / stepSeconds));
	// The newest samples are on their way yet: a window of exactly so many steps would hold fewer.
	const from = now - (steps + MIN_SAMPLES) * stepSeconds * 1000;
	const samples = metrics.since(policy.objective.metric, workload.key, from, now).slice(-steps);
	return samples.length < MIN_SAMPLES ? undefined : mean(samples);
}

/** What measurements say of a move; `undefined`: too early. */
export type Finding =
	| { readonly verdict: "Held" | "Worse"; readonly measured: number; readonly because: Because }
	| { readonly verdict: "Unknown"; readonly because: Because };

/**
 * Compares what is measured since the rollout with what was before. Worse is what is worse than before
 * beyond noise *and* worse than the promise allowed: a move ahead of a predicted breach may promise less
 * than the calm before it, and what was promised is no reason to go back.
 */
export function finding(subject: Subject, rolledOutAt: number): Finding | undefined {
	const { migration, workload, policy, observation, now } = subject;
	const { metrics } = observation;
	const wait = policy.rebalance.verifyAfterSeconds * 1000;
	if (now < rolledOutAt + wait) return undefined;
	const step = metrics.stepSeconds * 1000;
	// Rates over the first step still mix both places.
	const samples = metrics.since(policy.objective.metric, workload.key, rolledOutAt + step, now);
	if (samples.length >= MIN_SAMPLES) return compared(subject, samples);
	if (now < rolledOutAt + Math.max(2 * wait, wait + 2 * MIN_SAMPLES * step)) return undefined;
	const message = `moved to ${migration.status.to}, but not verified: ${samples.length} measurements of ${policy.objective.metric} since the rollout`;
	return { verdict: "Unknown", because: { reason: "MeasurementUnknown", message } };
}

function compared({ migration, policy }: Subject, samples: readonly number[]): Finding {
	const { measuredBefore: before, promised, to } = migration.status;
	const { metric, direction } = policy.objective;
	const measured = mean(samples);
	const numbers = [
		`${metric} on ${to} is ${amount(measured)}`,
		...(before === undefined ? [] : [`was ${amount(before)} before`]),
		...(promised ? [`promised ${amount(promised.value)} [${amount(promised.lower)}, ${amount(promised.upper)}]`] : []),
	].join(", ");
	const limit = promised && (direction === "Minimize" ? promised.upper : promised.lower);
	const allowed = limit !== undefined && improvement(direction, limit, measured) >= 0;
	if (before === undefined) {
		return { verdict: "Held", measured, because: { reason: "MeasuredWithoutBaseline", message: numbers } };
	}
	if (allowed || !isWorse(before, samples, policy)) {
		return { verdict: "Held", measured, because: { reason: allowed ? "AsPromised" : "NotWorse", message: numbers } };
	}
	return { verdict: "Worse", measured, because: { reason: "WorseThanBefore", message: numbers } };
}

/** One-sided, at the policy's confidence; the spread before is taken to be that after. */
function isWorse(before: number, samples: readonly number[], { objective, rebalance }: Subject["policy"]): boolean {
	const after = mean(samples);
	const variance = samples.reduce((sum, value) => sum + (value - after) ** 2, 0) / Math.max(1, samples.length - 1);
	const noise = normalQuantile(rebalance.confidence) * Math.sqrt((2 * variance) / samples.length);
	const floor = NOISE_FLOOR * (gainUnit(objective, before) ?? 0);
	return -improvement(objective.direction, before, after) > Math.max(noise, floor);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
