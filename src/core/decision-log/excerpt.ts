import type { Policy } from "../policy/policy.ts";
import type { CandidateTable } from "../recommendation/candidates.ts";
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
	const rows = new Set(best.length > 0 ? best : firstFeasible(candidates));
	if (current.node !== undefined) rows.add(candidates.nodes.indexOf(current.node));
	for (const domain of new Set([current.domain, streak?.domain])) {
		if (domain !== undefined) for (const row of judges(candidates, policy, domain)) rows.add(row);
	}
	return [...rows].filter((row) => row >= 0).sort((left, right) => left - right);
}

/** With no known place it matters only whether there is a feasible one. */
function firstFeasible({ nodes, feasibility }: CandidateTable): readonly number[] {
	return [nodes.findIndex((_, row) => feasibility.isFeasible(row))];
}

/** Of a domain: its first node, its worst one, and one that is Unknown. */
function judges(table: CandidateTable, policy: Policy, domain: string): readonly number[] {
	const first = table.domains.indexOf(domain);
	if (table.isOneToOne || first < 0) return [first];
	const own = table.domains.flatMap((name, row) => (name === domain ? [row] : []));
	const unknown = own.find((row) => table.feasibility.isFeasible(row) && Number.isNaN(table.predictions?.value[row]));
	const alone = { ...table, feasibility: only(table, domain) };
	return [first, unknown ?? -1, ...bestPlaces(alone, policy, 1)];
}

function only({ feasibility, domains }: CandidateTable, domain: string): CandidateTable["feasibility"] {
	return {
		isFeasible: (row) => domains[row] === domain && feasibility.isFeasible(row),
		verdict: (row) => feasibility.verdict(row),
	};
}
