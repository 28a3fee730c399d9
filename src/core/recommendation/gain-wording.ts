import type { Policy } from "../policy/policy.ts";
import { amount, percent } from "./format.ts";
import type { Gain } from "./gain.ts";

/** A gain as every message shows it: `expected gain 9% (latency 150 -> 141)`. */
function expectedGain({ value, from, to }: Gain, { objective }: Policy): string {
	return `expected gain ${percent(value)} (${objective.metric} ${amount(from)} -> ${amount(to)})`;
}

/** The same with what is left of it should the predictions err: `..., lower bound -45% at 90% confidence`. */
export function boundedGain(gain: Gain, policy: Policy): string {
	const confidence = percent(policy.rebalance.confidence);
	return `${expectedGain(gain, policy)}, lower bound ${percent(gain.lowerBound)} at ${confidence} confidence`;
}

/**
 * What is best of the others is no better than where the workload is. It may rank first all the same: the
 * order goes by the pessimistic ends, so what is known well stands before what is expected to be better.
 */
export function notBetter(domain: string, gain: Gain, policy: Policy): string {
	const place = `${domain}, the best other place by the worse end of its interval,`;
	return `${place} is not expected to be better: ${expectedGain(gain, policy)}`;
}

/** The gain is too small. */
export function belowMinimum(domain: string, gain: Gain, policy: Policy): string {
	return `${domain}: ${expectedGain(gain, policy)}; needed: ${percent(policy.rebalance.minGain)} (minGain)`;
}

/** The gain may be too small. */
export function notConfident(domain: string, gain: Gain, { policy, cost }: { policy: Policy; cost: number }): string {
	const needed = `a lower bound above ${percent(cost)}, the cost of a move`;
	return `${domain}: ${boundedGain(gain, policy)}; needed: ${needed}`;
}
