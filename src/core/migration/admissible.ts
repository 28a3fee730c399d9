import type { Policy } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import { type CandidateTable, candidateAt } from "../recommendation/candidates.ts";
import { moveCost } from "../recommendation/cost.ts";
import { duration } from "../recommendation/format.ts";
import { type Gain, gainOf } from "../recommendation/gain.ts";
import { belowMinimum, notBetter, notConfident } from "../recommendation/gain-wording.ts";
import { bestDomain, domainNamed } from "../recommendation/rank.ts";
import type { Evaluation } from "../recommendation/recommendation.ts";
import { pinOf } from "./annotations.ts";
import { disruptionRefusal } from "./disruption.ts";
import { byAge, standingOf } from "./history.ts";
import { isFinished, type Migration } from "./migration.ts";
import type { Subject } from "./observation.ts";
import type { Because } from "./outcome.ts";
import { pinsWhole } from "./patch.ts";

/** Where a migration goes. */
export interface Target {
	readonly domain: string;
	readonly predicted: Prediction | undefined;
}

/** A migration with the evaluation that it is judged by. */
export interface Request extends Subject {
	readonly evaluation: Evaluation;
}

/** Nodes named in a refusal. */
const NAMED_NODES = 3;

/** Another migration of the workload that goes first: one that has begun, else an older one. */
export function goesFirst(migration: Migration, others: Iterable<Migration>): Migration | undefined {
	const begun = (one: Migration) => one.status.phase === "Rolling" || one.status.phase === "Verifying";
	for (const other of others) {
		if (other.workload !== migration.workload || other.uid === migration.uid || isFinished(other)) continue;
		if (begun(other) || (!begun(migration) && byAge(other, migration) < 0)) return other;
	}
	return undefined;
}

/** Mode and kill switch. A person may move what a policy only observes; nobody moves what is suspended. */
function switchedOff({ migration, policy }: Subject): Because | undefined {
	if (policy.suspend) return { reason: "Suspended", message: `policy ${policy.name} is suspended` };
	if (!migration.automatic || policy.mode === "Auto") return undefined;
	return { reason: `Mode${policy.mode}`, message: `policy ${policy.name} has mode ${policy.mode}` };
}

/** A value of the key that the user set is never replaced, and a pin of several replicas is released first. */
function selectorTaken({ workload, policy }: Subject): Because | undefined {
	const { topologyKey } = policy.placement;
	const pin = pinOf(workload);
	if (pin && pin.topologyKey !== topologyKey) {
		const message = `a pin to ${pin.topologyKey}=${pin.domain} is older than the policy's key; in mode Initial or Auto it is released first`;
		return { reason: "PinStands", message };
	}
	const held = workload.template.scheduling.nodeSelector[topologyKey];
	if (held === undefined) return undefined;
	if (!pin) {
		return { reason: "UserPinned", message: `the template's nodeSelector says ${topologyKey}=${held}` };
	}
	if (pinsWhole(workload, policy)) return undefined;
	return {
		reason: "PinStands",
		message: `${workload.replicas} replicas are pinned to ${held}; the pin is released first`,
	};
}

/** Where it goes, or why it cannot. Feasibility is never overridden. */
function targetOf({ migration, policy, evaluation }: Request): Target | Because {
	const current = evaluation.current.domain;
	if (migration.to !== undefined) {
		if (migration.to === current) return { reason: "AlreadyThere", message: `it runs on ${current} already` };
		const predicted = domainNamed(evaluation.candidates, policy, migration.to)?.predicted;
		return (
			unreachable(migration.to, evaluation.candidates, policy.placement.topologyKey) ?? {
				domain: migration.to,
				predicted,
			}
		);
	}
	const best = bestDomain(evaluation.candidates, policy);
	if (!best) {
		if (evaluation.decision.action === "Unknown") return evaluation.decision;
		return { reason: "NoFeasibleNode", message: `none of ${evaluation.candidates.nodes.length} nodes can take it` };
	}
	if (best.domain === current) return { reason: "AlreadyBest", message: `it runs on ${current}, the best place` };
	const gain = gainTo(best.predicted, evaluation, policy);
	if (gain && gain.value <= 0) return { reason: "AlreadyBest", message: notBetter(best.domain, gain, policy) };
	return best;
}

function gainTo(
	predicted: Prediction | undefined,
	{ current }: Evaluation,
	{ objective, rebalance }: Policy,
): Gain | undefined {
	if (!current.predicted || !predicted) return undefined;
	return gainOf(current.predicted, predicted, { objective, confidence: rebalance.confidence });
}

function unreachable(to: string, candidates: CandidateTable, topologyKey: string): Because | undefined {
	const own = candidates.domains.flatMap((domain, index) => (domain === to ? candidateAt(candidates, index) : []));
	if (own.some(({ verdict }) => verdict.feasible)) return undefined;
	const refusals = own.flatMap(({ node, verdict }) => (verdict.feasible ? [] : [{ node, ...verdict }]));
	const [first] = refusals;
	if (!first) return { reason: "UnknownDestination", message: `no candidate node has the label ${topologyKey}=${to}` };
	const named = refusals.slice(0, NAMED_NODES).map(({ node, message }) => `node ${node}: ${message}`);
	const more = refusals.length - named.length;
	return { reason: first.reason, message: named.join("; ") + (more > 0 ? `; and ${more} more` : "") };
}

function coolingDown({ migration, workload, policy, observation, now }: Request): Because | undefined {
	if (migration.override.includes("Cooldown")) return undefined;
	const { coolingUntil } = standingOf(workload.key, observation.cluster.migrations.values(), policy, now);
	if (coolingUntil === undefined || coolingUntil <= now) return undefined;
	return { reason: "CoolingDown", message: `it may move again in ${duration(coolingUntil - now)}` };
}

function notWorthIt(
	{ migration, workload, policy, evaluation }: Request,
	{ domain, predicted }: Target,
): Because | undefined {
	const checksMinimum = !migration.override.includes("MinGain");
	const checksBound = !migration.override.includes("Confidence");
	if (!checksMinimum && !checksBound) return undefined;
	const gain = gainTo(predicted, evaluation, policy);
	if (!gain) return { reason: "PredictionUnknown", message: `the gain of ${domain} is Unknown` };
	const cost = moveCost(policy, workload.strategy);
	if (checksMinimum && gain.value < policy.rebalance.minGain) {
		return { reason: "GainBelowMinimum", message: belowMinimum(domain, gain, policy) };
	}
	if (!checksBound || gain.lowerBound > cost) return undefined;
	return { reason: "GainNotConfident", message: notConfident(domain, gain, { policy, cost }) };
}

/** Where nothing would roll there is no harm to set aside: a move could not happen. */
const NOTHING_ROLLS: ReadonlySet<string> = new Set(["NoReplicas", "Paused"]);

function disruptive({ migration, workload, observation }: Request): Because | undefined {
	const refusal = disruptionRefusal(workload, observation.cluster);
	if (!refusal) return undefined;
	if (migration.override.includes("Disruption") && !NOTHING_ROLLS.has(refusal.reason)) return undefined;
	return { reason: "DisruptionBlocked", message: `${refusal.reason}: ${refusal.message}` };
}

/** A plan's judgement of the gain holds so long (ms). */
const PLANNED_WITHIN = 60_000;

/**
 * The controller's own migration comes from a plan that has just judged its gain with all other moves in
 * sight. Its reservation is in the ledger since: asked again, the target would seem to bear it twice.
 */
function isJustPlanned({ migration, now }: Subject): boolean {
	return migration.automatic && now - migration.createdAt <= PLANNED_WITHIN;
}

/** Where the migration may go now, or the first reason why it may not. */
export function admissible(request: Request): Target | Because {
	const off = switchedOff(request) ?? selectorTaken(request);
	if (off) return off;
	const target = targetOf(request);
	if ("reason" in target) return target;
	const unworthy = isJustPlanned(request) ? undefined : notWorthIt(request, target);
	return coolingDown(request) ?? unworthy ?? disruptive(request) ?? target;
}
