import fc from "fast-check";
import type { LogEntry } from "../../../src/core/decision-log/entry.ts";
import { infeasible } from "../../../src/core/feasibility/verdict.ts";
import type { Evaluated } from "../../../src/core/pipeline.ts";
import type { RecommendationInput } from "../../../src/core/recommendation/guard.ts";
import { recommend } from "../../../src/core/recommendation/recommend.ts";
import { Levels } from "../../../src/core/smoothing/levels.ts";
import { migration, policy, workload } from "../cluster-core/builders.ts";
import { candidate, candidateTable, NOW, predicted, predictionTable } from "../recommendation/builders.ts";

const value = fc.option(fc.double({ min: 0.1, max: 400, noNaN: true }), { freq: 8, nil: undefined });
const node = fc.record({
	value,
	half: fc.double({ min: 0, max: 30, noNaN: true }),
	feasible: fc.boolean(),
	zone: fc.nat(4),
});

/** Anything that a decision may rest on: gaps, closed nodes, zones, cooldowns, moves under way, streaks. */
export const inputs: fc.Arbitrary<RecommendationInput> = fc
	.record({
		nodes: fc.array(node, { minLength: 1, maxLength: 60 }),
		zoned: fc.boolean(),
		smoothed: fc.boolean(),
		at: fc.nat(59),
		streak: fc.option(fc.record({ node: fc.nat(59), count: fc.integer({ min: 1, max: 4 }) }), { nil: undefined }),
		cooling: fc.option(fc.integer({ min: -10, max: 10 }), { nil: undefined }),
		inFlight: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
		direction: fc.constantFrom("Minimize" as const, "Maximize" as const),
		trigger: fc.constantFrom("Proactive" as const, "Reactive" as const),
		measured: value,
		pinned: fc.boolean(),
	})
	.map((parts) => {
		const nodes = parts.nodes.map((_, index) => `n${index}`);
		const domains = parts.nodes.map(({ zone }, index) => (parts.zoned ? `z${zone}` : `n${index}`));
		const predictions = parts.nodes.map((own) =>
			own.value === undefined ? undefined : predicted(own.value, own.half),
		);
		const closed = infeasible("NodeUnschedulable", "node(s) were unschedulable");
		const table = candidateTable(
			nodes.map((name, index) =>
				candidate(name, predictions[index], {
					domain: domains[index] as string,
					...(!parts.nodes[index]?.feasible && { verdict: closed }),
				}),
			),
		);
		const raw = predictionTable(nodes, predictions);
		const levels = new Levels();
		levels.observe(raw, { dataAt: NOW - 1000, windowSeconds: 0 });
		const candidates = parts.smoothed ? { ...table, predictions: levels.smooth(raw) } : table;
		const at = parts.at % nodes.length;
		const topologyKey = parts.zoned ? "zone" : "kubernetes.io/hostname";
		const tried = policy({
			objective: { ...policy().objective, direction: parts.direction },
			rebalance: { ...policy().rebalance, trigger: parts.trigger },
			placement: { ...policy().placement, topologyKey },
		});
		const own = predictions[at];
		const template = workload("web").template;
		const selected = { ...template.scheduling, nodeSelector: parts.pinned ? { [topologyKey]: "x" } : {} };
		return {
			policy: tried,
			workload: workload("web", { template: { ...template, scheduling: selected } }),
			current: {
				node: nodes[at],
				domain: domains[at],
				measured:
					parts.measured === undefined
						? { known: false as const, reason: "Stale" as const }
						: { known: true as const, value: parts.measured, at: NOW },
				predicted: own && {
					value: candidates.predictions?.value[at] as number,
					lower: candidates.predictions?.lower[at] as number,
					upper: candidates.predictions?.upper[at] as number,
				},
			},
			occupied: new Set([domains[at] as string]),
			candidates,
			unknown: undefined,
			standing: {
				inFlight: parts.inFlight ? migration("m1", { status: { phase: "Rolling" } }) : undefined,
				coolingUntil: parts.cooling === undefined ? undefined : NOW + parts.cooling,
				setbacks: 0,
				quarantined: new Set(["n1"]),
			},
			disruption: undefined,
			streak: parts.streak && {
				domain: domains[parts.streak.node % nodes.length] as string,
				count: parts.streak.count,
				since: NOW - 60_000,
				evidence: 0,
				dataAt: NOW - 60_000,
				missed: 0,
			},
			dataAt: NOW,
			now: NOW,
		};
	});

/** The evaluation that follows from an input. */
export function evaluated(input: RecommendationInput): Pick<Evaluated, "evaluation" | "input"> {
	const { decision, recommended } = recommend(input);
	return {
		input,
		evaluation: {
			workload: input.workload.key,
			policy: input.policy.name,
			observedAt: input.now,
			dataAgeSeconds: 0,
			model: { name: "headroom", version: "1", sha256: "00" },
			current: input.current,
			candidates: input.candidates,
			decision,
			recommended,
		},
	};
}

export const OUTCOME: LogEntry = {
	kind: "Outcome",
	time: NOW,
	workload: "shop/web",
	migration: "web-1",
	phase: "Succeeded",
	to: "n1",
	measured: 3,
};
