import type { Policy } from "../policy/policy.ts";
import { type CandidateTable, isUnknown } from "../recommendation/candidates.ts";
import type { RecommendationInput } from "../recommendation/guard.ts";
import { bestPlaces } from "../recommendation/rank.ts";

/**
 * Rows of the candidate table from which the same decision follows as from all of them: the nodes that
 * stand for the best `limit` domains, the current node, and what its domain and the streak's are judged by.
 * In the order of the table.
 */
export function excerpt(input: RecommendationInput, limit: number): readonly number[] {
	const { candidates, policy, current, streak } = input;
	const best = bestPlaces(candidates, policy, limit);
	const rows = new Set(best.length > 0 ? best : [firstUnknown(candidates)]);
	if (current.node !== undefined) rows.add(candidates.nodes.indexOf(current.node));
	for (const domain of new Set([current.domain, streak?.domain])) {
		if (domain !== undefined) for (const row of judges(candidates, policy, domain)) rows.add(row);
	}
	return [...rows].filter((row) => row >= 0).sort((left, right) => left - right);
}

/** With no domain to go to it matters only whether that is for want of predictions. */
function firstUnknown(table: CandidateTable): number {
	return table.nodes.findIndex((_, row) => table.feasibility.isFeasible(row) && isUnknown(table, row));
}

/** Of a domain: its first node, its worst one, and one that is Unknown. */
function judges(table: CandidateTable, policy: Policy, domain: string): readonly number[] {
	const first = table.domains.indexOf(domain);
	if (table.isOneToOne || first < 0) return [first];
	const alone = { ...table, feasibility: only(table, domain) };
	return [first, firstUnknown(alone), ...bestPlaces(alone, policy, 1)];
}

function only({ feasibility, domains }: CandidateTable, domain: string): CandidateTable["feasibility"] {
	return {
		isFeasible: (row) => domains[row] === domain && feasibility.isFeasible(row),
		verdict: (row) => feasibility.verdict(row),
	};
}
