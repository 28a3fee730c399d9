import type { Objective } from "../policy/policy.ts";
import { type CandidateTable, isUnknown, rawAt, supportAt } from "./candidates.ts";
import { moveCost } from "./cost.ts";
import { percent } from "./format.ts";
import { breaches, gainOf, gainUnit, improvement } from "./gain.ts";
import { boundedGain } from "./gain-wording.ts";
import type { Assessment, Guard, RecommendationInput } from "./guard.ts";
import { stay } from "./guard.ts";
import { betterPlaceGuard } from "./guards/better-place.ts";
import { confidenceGuard } from "./guards/confidence.ts";
import { cooldownGuard } from "./guards/cooldown.ts";
import { disruptionGuard } from "./guards/disruption.ts";
import { inFlightGuard } from "./guards/in-flight.ts";
import { minGainGuard } from "./guards/min-gain.ts";
import { modeGuard } from "./guards/mode.ts";
import { notRunningGuard } from "./guards/not-running.ts";
import { stabilizationGuard } from "./guards/stabilization.ts";
import { triggerGuard } from "./guards/trigger.ts";
import { unknownDataGuard } from "./guards/unknown-data.ts";
import { userPinnedGuard } from "./guards/user-pinned.ts";
import { bestDomain, type RankedDomain } from "./rank.ts";
import type { Decision, Evaluation } from "./recommendation.ts";
import { continued, evidenceOf, interrupted, type Streak } from "./streak.ts";

/** Asked in this order; the first that objects decides. */
const GUARDS: readonly Guard[] = [
	notRunningGuard,
	unknownDataGuard,
	modeGuard,
	userPinnedGuard,
	inFlightGuard,
	cooldownGuard,
	betterPlaceGuard,
	triggerGuard,
	minGainGuard,
	confidenceGuard,
	stabilizationGuard,
	disruptionGuard,
];

/** Those of them that say whether this evaluation names a better domain, whatever else stands in the way. */
const NAMING: readonly Guard[] = [notRunningGuard, unknownDataGuard, betterPlaceGuard, triggerGuard, confidenceGuard];

/** The part of an evaluation that follows from its predictions, and what to pass to the next one. */
export interface Recommendation extends Pick<Evaluation, "recommended" | "decision"> {
	readonly streak: Streak | undefined;
}

/** Stay, move or unknown: pure, the same for the same input whatever the order of the candidates. */
export function recommend(input: RecommendationInput): Recommendation {
	const assessment = assess(input, bestDomain(input.candidates, input.policy, closedTo(input)));
	return {
		recommended: recommendedBy(assessment),
		decision: decide(assessment),
		streak: assessment.nextStreak,
	};
}

/** Where a workload is already, it may stay. */
function closedTo({ closed, occupied, current }: RecommendationInput): ReadonlySet<string> | undefined {
	return closed && new Set([...closed].filter((domain) => domain !== current.domain && !occupied.has(domain)));
}

function assess(input: RecommendationInput, best: RankedDomain | undefined): Assessment {
	const { policy, workload, current } = input;
	const { objective, rebalance } = policy;
	const gain =
		best &&
		current.predicted &&
		gainOf(current.predicted, best.predicted, { objective, confidence: rebalance.confidence });
	const cost = moveCost(policy, workload.strategy);
	const occupied = current.domain === undefined ? input.occupied : new Set([...input.occupied, current.domain]);
	const own = current.node === undefined ? -1 : input.candidates.nodes.indexOf(current.node);
	const newestGain = best && newestGainOf(objective, input.candidates, own, best.index);
	const assessment = { ...input, occupied, best, gain, newestGain, cost, nextStreak: undefined };
	return { ...assessment, nextStreak: nextStreak(assessment, own) };
}

/** What this evaluation does to the streak: it goes on, waits while nothing is known, or ends. */
function nextStreak(assessment: Assessment, own: number): Streak | undefined {
	const { best, gain, cost, streak, closed, candidates, policy, dataAt, now } = assessment;
	const isSilent = assessment.unknown !== undefined || isUnknown(candidates, own);
	if (streak && (isSilent || isUnknown(candidates, candidates.domains.indexOf(streak.domain)))) {
		return interrupted(streak);
	}
	if (!best || !gain || firstObjection(NAMING, assessment)) return undefined;
	const evidence = evidenceOf(gain, cost, policy.rebalance);
	const supports = [supportAt(candidates, own), supportAt(candidates, best.index)];
	const support = supports.includes(undefined) ? undefined : Math.min(...(supports as number[]));
	// That the workload is better off elsewhere was found before; only its place is another.
	const before = streak && closed?.has(streak.domain) ? { ...streak, domain: best.domain, evidence } : streak;
	return continued(before, { domain: best.domain, evidence, dataAt, support, now });
}

/** The gain as this evaluation's own predictions have it, smoothed by none before. */
function newestGainOf(objective: Objective, candidates: CandidateTable, own: number, best: number): number | undefined {
	const [from, to] = [rawAt(candidates, own), rawAt(candidates, best)];
	if (from === undefined || to === undefined) return undefined;
	const unit = gainUnit(objective, from);
	return unit === undefined ? undefined : improvement(objective.direction, from, to) / unit;
}

function firstObjection(guards: readonly Guard[], assessment: Assessment): Decision | undefined {
	for (const guard of guards) {
		const decision = guard(assessment);
		if (decision) return decision;
	}
	return undefined;
}

function decide(assessment: Assessment): Decision {
	const objection = firstObjection(GUARDS, assessment);
	if (objection) return objection;
	const { best, gain, current, policy, cost } = assessment;
	if (!best || !gain || !current.predicted) return stay("NoFeasibleNode", "there is no place to go");
	const { objective } = policy;
	const breach =
		breaches(objective, current.predicted.value) ||
		(current.measured.known && breaches(objective, current.measured.value));
	const message = `${current.domain} -> ${best.domain}: ${boundedGain(gain, policy)}, above the cost of a move, ${percent(cost)}`;
	return { action: "Move", reason: breach ? "TargetBreached" : "GainAboveMargin", message };
}

/** The best place that is not taken yet: absent when the workload is where it should be. */
function recommendedBy({ best, gain, occupied, current, policy }: Assessment): Evaluation["recommended"] {
	if (!best || occupied.has(best.domain)) return undefined;
	if (current.predicted && gain && gain.value <= 0) return undefined;
	const { node, domain, predicted } = best;
	const meetsTarget = !breaches(policy.objective, predicted.value);
	return { node, domain, gain: gain?.value, gainLowerBound: gain?.lowerBound, predicted, meetsTarget };
}
