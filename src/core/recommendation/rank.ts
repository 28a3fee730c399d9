import type { Policy } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import { type CandidateTable, candidateAt, predictedAt } from "./candidates.ts";
import { confidenceFactor } from "./gain.ts";
import type { Candidate } from "./recommendation.ts";

/** A value of the topology key that the workload may be sent to, with the node that stands for it. */
export interface RankedDomain {
	readonly domain: string;
	readonly node: string;
	/** Of the node, in the candidate table. */
	readonly index: number;
	readonly predicted: Prediction;
}

type Ranked = Pick<Policy, "objective" | "rebalance">;

/** Score of a place by its index. */
type Scorer = (index: number) => number;

/**
 * The order of places: the pessimistic end of their predictions at the policy's confidence, turned so
 * that less is better; NaN is Unknown. It needs no current node, so admission and rebalancing share it,
 * and what is confidently better than the current node always stands before it.
 */
function scorer({ predictions }: CandidateTable, { objective, rebalance }: Ranked): Scorer {
	if (!predictions) return () => Number.NaN;
	const { value, lower, upper } = predictions;
	const factor = confidenceFactor(rebalance.confidence);
	const isMinimized = objective.direction === "Minimize";
	return (index) => {
		const middle = value[index] as number;
		const reach = isMinimized ? (upper[index] as number) - middle : middle - (lower[index] as number);
		const pessimistic = (isMinimized ? middle : -middle) + factor * Math.max(0, reach);
		// One sum is finite only when both are.
		return Number.isFinite(pessimistic) ? pessimistic : Number.NaN;
	};
}

/** Of two nodes, the one to prefer: by score, then by name. */
function isBefore(table: CandidateTable, score: Scorer, left: number, right: number): boolean {
	const difference = score(left) - score(right);
	return difference === 0 ? (table.nodes[left] as string) < (table.nodes[right] as string) : difference < 0;
}

/**
 * The nodes that stand for their domains, in no order: the scheduler may choose any feasible node of a
 * domain, so its worst one does, and none while one of them is Unknown.
 */
function representatives(table: CandidateTable, score: Scorer): number[] {
	const { domains, feasibility } = table;
	const worst = new Map<string, number>();
	const unknown = new Set<string>();
	for (let index = 0; index < domains.length; index += 1) {
		if (!feasibility.isFeasible(index)) continue;
		const domain = domains[index] as string;
		if (Number.isNaN(score(index))) unknown.add(domain);
		const other = worst.get(domain);
		if (other === undefined || isBefore(table, score, other, index)) worst.set(domain, index);
	}
	return [...worst].filter(([domain]) => !unknown.has(domain)).map(([, index]) => index);
}

/** Domains that the workload may be sent to, best first. */
function rankDomains(table: CandidateTable, policy: Ranked): readonly RankedDomain[] {
	const score = scorer(table, policy);
	return representatives(table, score)
		.sort((left, right) => (isBefore(table, score, left, right) ? -1 : 1))
		.map((index) => rankedDomain(table, index));
}

/** The best domain that the workload may be sent to, those that are closed left out. */
export function bestDomain(
	table: CandidateTable,
	policy: Ranked,
	closed?: ReadonlySet<string>,
): RankedDomain | undefined {
	const open = scorer(table, policy);
	const score: Scorer = closed
		? (index) => (closed.has(table.domains[index] as string) ? Number.NaN : open(index))
		: open;
	const best = table.isOneToOne ? bestNode(table, score) : bestOf(representatives(table, score), table, score);
	return best === undefined ? undefined : rankedDomain(table, best);
}

/** The best feasible node; only those that could be it are judged. */
function bestNode(table: CandidateTable, score: Scorer): number | undefined {
	let best: number | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (let index = 0; index < table.nodes.length; index += 1) {
		const own = score(index);
		if (Number.isNaN(own) || own > least) continue;
		if (best !== undefined && !isBefore(table, score, index, best)) continue;
		if (!table.feasibility.isFeasible(index)) continue;
		best = index;
		least = own;
	}
	return best;
}

function bestOf(indices: readonly number[], table: CandidateTable, score: Scorer): number | undefined {
	let best: number | undefined;
	for (const index of indices) if (best === undefined || isBefore(table, score, index, best)) best = index;
	return best;
}

/**
 * Rows of the nodes that stand for the best `limit` domains, best first. Where nodes are domains, only
 * those that could be among them are judged.
 */
export function bestPlaces(table: CandidateTable, policy: Ranked, limit: number): readonly number[] {
	const score = scorer(table, policy);
	const order = (left: number, right: number) => (isBefore(table, score, left, right) ? -1 : 1);
	if (!table.isOneToOne) return representatives(table, score).sort(order).slice(0, limit);
	const best: number[] = [];
	for (let index = 0; index < table.nodes.length; index += 1) {
		if (Number.isNaN(score(index))) continue;
		const last = best.length < limit ? undefined : best.at(-1);
		if (last !== undefined && !isBefore(table, score, index, last)) continue;
		if (!table.feasibility.isFeasible(index)) continue;
		best.push(index);
		best.sort(order);
		best.length = Math.min(best.length, limit);
	}
	return best;
}

/** The domain by its name, when the workload may be sent there and its prediction is known. */
export function domainNamed(table: CandidateTable, policy: Ranked, domain: string): RankedDomain | undefined {
	const score = scorer(table, policy);
	const index = representatives(table, score).find((position) => table.domains[position] === domain);
	return index === undefined ? undefined : rankedDomain(table, index);
}

function rankedDomain(table: CandidateTable, index: number): RankedDomain {
	return {
		domain: table.domains[index] as string,
		node: table.nodes[index] as string,
		index,
		predicted: predictedAt(table, index) as Prediction,
	};
}

/** How much of a listing is asked for. */
export interface ListingLimit {
	readonly limit: number;
	/** This node is listed even where the limit would cut it off. */
	readonly always: string | undefined;
}

/**
 * Places with their ranks, best first (nodes rank with their domain), then feasible ones without a rank,
 * then the others, by name.
 */
export function listCandidates(table: CandidateTable, policy: Ranked, { limit, always }: ListingLimit): Candidate[] {
	const score = scorer(table, policy);
	const domainRank = new Map(rankDomains(table, policy).map(({ domain }, rank) => [domain, rank]));
	const groups: [ranked: number[], feasible: number[], others: number[]] = [[], [], []];
	for (let index = 0; index < table.nodes.length; index += 1) {
		const isFeasible = table.feasibility.isFeasible(index);
		const isRanked = isFeasible && domainRank.has(table.domains[index] as string);
		groups[isRanked ? 0 : isFeasible ? 1 : 2].push(index);
	}
	const [ranked, ...others] = groups;
	const rankOf = (index: number) => domainRank.get(table.domains[index] as string) as number;
	ranked.sort((left, right) => rankOf(left) - rankOf(right) || (isBefore(table, score, left, right) ? -1 : 1));
	const nodeOf = (index: number) => table.nodes[index] as string;
	for (const group of others) group.sort((left, right) => (nodeOf(left) < nodeOf(right) ? -1 : 1));
	const order = groups.flat();
	const listed = order.slice(0, limit);
	const own = order.indexOf(always === undefined ? -1 : table.nodes.indexOf(always), limit);
	if (own >= 0) listed.splice(-1, 1, order[own] as number);
	const rank = new Map(ranked.map((index, position) => [index, position + 1]));
	return listed.map((index) => ({ ...candidateAt(table, index), rank: rank.get(index) }));
}
