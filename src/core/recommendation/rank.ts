import type { Policy } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import { pessimistic } from "./gain.ts";
import type { Candidate } from "./recommendation.ts";

/** A value of the topology key that the workload may be sent to, with the node that stands for it. */
export interface RankedDomain {
	readonly domain: string;
	readonly node: string;
	readonly predicted: Prediction;
}

export interface Ranking {
	/** In the order given, with their ranks. */
	readonly candidates: readonly Candidate[];
	/** Best first. */
	readonly domains: readonly RankedDomain[];
}

interface Scored {
	readonly candidate: Candidate;
	readonly predicted: Prediction;
	/** The pessimistic end, turned so that less is better. */
	readonly score: number;
}

interface ScoredDomain {
	/** Best first. */
	readonly nodes: Scored[];
	/** A feasible node of it has no prediction. */
	hasUnknown: boolean;
}

function byScore(left: Scored, right: Scored): number {
	if (left.score !== right.score) return left.score - right.score;
	return left.candidate.node < right.candidate.node ? -1 : 1;
}

function byDomain(candidates: readonly Candidate[], { objective, rebalance }: Policy): ScoredDomain[] {
	const sign = objective.direction === "Minimize" ? 1 : -1;
	const domains = new Map<string, ScoredDomain>();
	for (const candidate of candidates) {
		if (!candidate.verdict.feasible) continue;
		const domain = domains.get(candidate.domain) ?? { nodes: [], hasUnknown: false };
		domains.set(candidate.domain, domain);
		const { predicted } = candidate;
		if (!predicted) {
			domain.hasUnknown = true;
			continue;
		}
		const score = sign * pessimistic(predicted, objective.direction, rebalance.confidence);
		domain.nodes.push({ candidate, predicted, score });
	}
	return [...domains.values()].filter(({ nodes, hasUnknown }) => nodes.length > 0 && !hasUnknown);
}

/** The scheduler may choose any feasible node of a domain, so the worst of them stands for it. */
function standsFor(nodes: readonly Scored[]): Scored {
	return nodes.at(-1) as Scored;
}

/**
 * Orders candidates by the pessimistic end of their predictions at the policy's confidence: the order
 * needs no current node, so admission and rebalancing share it, and what is confidently better than the
 * current node always stands before it. A domain is as good as its worst feasible node, and Unknown
 * as long as one of these is. Nodes rank with their domain. Ties go by name.
 */
export function rankCandidates(candidates: readonly Candidate[], policy: Policy): Ranking {
	const domains = byDomain(candidates, policy);
	for (const { nodes } of domains) if (nodes.length > 1) nodes.sort(byScore);
	domains.sort((left, right) => byScore(standsFor(left.nodes), standsFor(right.nodes)));
	const ranks = new Map<Candidate, number>();
	for (const { nodes } of domains) for (const { candidate } of nodes) ranks.set(candidate, ranks.size + 1);
	return {
		candidates: candidates.map((candidate) => withRank(candidate, ranks.get(candidate))),
		domains: domains.map(({ nodes }) => {
			const { candidate, predicted } = standsFor(nodes);
			return { domain: candidate.domain, node: candidate.node, predicted };
		}),
	};
}

function withRank({ node, domain, verdict, predicted }: Candidate, rank: number | undefined): Candidate {
	return { node, domain, verdict, predicted, rank };
}
