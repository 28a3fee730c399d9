import { infeasible } from "../../../src/core/feasibility/verdict.ts";
import { advance } from "../../../src/core/migration/life-cycle.ts";
import type { Observation, Step } from "../../../src/core/migration/observation.ts";
import type { Candidate, Evaluation } from "../../../src/core/recommendation/recommendation.ts";
import { MINUTE } from "../cluster-core/builders.ts";
import { candidate, candidateTable, predicted } from "../recommendation/builders.ts";
import type { ApiServer } from "./api-server.ts";

export const STEP_MS = 30_000;

/** The workload runs on `a` at 150; `b` is the best at 60, `c` cannot take it. */
export type EvaluationChanges = Partial<Omit<Evaluation, "candidates">> & {
	readonly candidates?: readonly Candidate[];
};

export const CANDIDATES = [
	candidate("a", predicted(150, 10)),
	candidate("b", predicted(60, 10)),
	candidate("c", predicted(20, 10), { verdict: infeasible("InsufficientResources", "Insufficient cpu") }),
];

export function evaluation({ candidates = CANDIDATES, ...changes }: EvaluationChanges = {}): Evaluation {
	return {
		workload: "shop/web",
		policy: "latency",
		observedAt: 0,
		dataAgeSeconds: 0,
		model: undefined,
		current: {
			node: "a",
			domain: "a",
			measured: { known: true, value: 150, at: 0 },
			predicted: predicted(150, 10),
		},
		recommended: {
			node: "b",
			domain: "b",
			gain: 0.9,
			gainLowerBound: 0.8,
			predicted: predicted(60, 10),
			meetsTarget: true,
		},
		decision: { action: "Move", reason: "TargetBreached", message: "" },
		candidates: candidateTable(candidates),
		...changes,
	};
}

/** Measurements as a function of time: one per step. */
export type Measured = (time: number) => number | undefined;

export function observation(server: ApiServer, now: number, measured: Measured = () => 150): Observation {
	const since = (_metric: string, _entity: string, from: number, to: number) => {
		const values: number[] = [];
		for (let time = Math.ceil(from / STEP_MS) * STEP_MS; time <= to; time += STEP_MS) {
			const value = measured(time);
			if (value !== undefined) values.push(value);
		}
		return values;
	};
	return {
		cluster: server.view(),
		metrics: { since, stepSeconds: STEP_MS / 1000 },
		evaluation: evaluation({ observedAt: now }),
	};
}

/** One look of the controller at the migration, carried out up to `limit` commands. */
export function look(server: ApiServer, now: number, options: { measured?: Measured; limit?: number } = {}): Step {
	const [seen] = [...server.view().migrations.values()].filter(({ uid }) => uid === server.migration.uid);
	if (!seen) throw new Error("the migration is not cached");
	const step = advance(seen, observation(server, now, options.measured), now);
	server.execute(step.commands, options.limit);
	return step;
}

/** Through patch and rollout; the latter is seen at one minute. */
export function rolledOut(server: ApiServer, measured?: Measured): void {
	look(server, 0, measured && { measured });
	server.rollOut();
	look(server, MINUTE, measured && { measured });
}

/** 150 until the move at time 0, `value` from then on. */
export function afterwards(value: number | undefined): Measured {
	return (time) => (time <= 0 ? 150 : value);
}
