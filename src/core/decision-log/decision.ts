import { PLACEMENT_KEY, PREVIOUS_PLACEMENT_KEY } from "../migration/annotations.ts";
import type { Evaluated } from "../pipeline.ts";
import { type CandidateTable, candidateAt, rawAt, supportAt } from "../recommendation/candidates.ts";
import type { RecommendationInput } from "../recommendation/guard.ts";
import type { DecisionEntry, LoggedCandidate, LoggedInput } from "./entry.ts";
import { excerpt } from "./excerpt.ts";

/** An evaluation as the log keeps it, with at most `limit` candidates beside the current one. */
export function decisionEntry(
	{ evaluation, input }: Pick<Evaluated, "evaluation" | "input">,
	limit: number,
): DecisionEntry {
	const { workload, observedAt, model, decision, recommended } = evaluation;
	return {
		kind: "Decision",
		time: observedAt,
		workload,
		model,
		input: loggedInput(input, limit),
		decision,
		recommended: recommended && { ...recommended, predicted: { ...recommended.predicted } },
	};
}

function loggedInput(input: RecommendationInput, limit: number): LoggedInput {
	const { policy, current, occupied, candidates, unknown, disruption, streak, dataAt } = input;
	const { name, mode, suspend, objective, rebalance, placement } = policy;
	return {
		policy: { name, mode, suspend, objective, rebalance, topologyKey: placement.topologyKey },
		workload: loggedWorkload(input.workload),
		current: { node: current.node, domain: current.domain, measured: current.measured },
		occupied: [...occupied],
		candidates: excerpt(input, limit).map((row) => loggedCandidate(candidates, row)),
		candidatesTotal: candidates.nodes.length,
		unknown,
		standing: loggedStanding(input.standing),
		disruption,
		streak,
		dataAt,
	};
}

function loggedWorkload({ replicas, strategy, annotations, template }: RecommendationInput["workload"]) {
	return {
		replicas,
		strategy,
		nodeSelector: template.scheduling.nodeSelector,
		annotations: oursOf(annotations),
		templateAnnotations: oursOf(template.annotations),
	};
}

function oursOf(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	const keys = [PLACEMENT_KEY, PREVIOUS_PLACEMENT_KEY];
	return Object.fromEntries(Object.entries(annotations).filter(([key]) => keys.includes(key)));
}

function loggedStanding({ inFlight, coolingUntil, setbacks, quarantined }: RecommendationInput["standing"]) {
	return {
		inFlight: inFlight && { name: inFlight.name, phase: inFlight.status.phase },
		coolingUntil,
		setbacks,
		quarantined: [...quarantined],
	};
}

function loggedCandidate(table: CandidateTable, row: number): LoggedCandidate {
	const { node, domain, verdict, predicted } = candidateAt(table, row);
	const support = supportAt(table, row);
	const raw = rawAt(table, row);
	return {
		node,
		...(domain !== node && { domain }),
		feasible: verdict.feasible,
		...(!verdict.feasible && { reason: verdict.reason }),
		...(predicted && {
			predicted: {
				value: short(predicted.value),
				lower: short(predicted.lower),
				upper: short(predicted.upper),
			},
		}),
		...(raw !== undefined && { raw: short(raw) }),
		...(support !== undefined && { support: short(support) }),
	};
}

/** A 32-bit number in the nine digits that bring back all of it. */
function short(value: number): number {
	return Number(value.toPrecision(9));
}
