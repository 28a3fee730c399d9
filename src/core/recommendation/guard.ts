import type { Workload } from "../cluster/workload.ts";
import type { DisruptionRefusal } from "../migration/disruption.ts";
import type { Standing } from "../migration/history.ts";
import type { Policy } from "../policy/policy.ts";
import type { PredictionUnknownReason } from "../prediction/prediction.ts";
import type { CandidateTable } from "./candidates.ts";
import type { Gain } from "./gain.ts";
import type { RankedDomain } from "./rank.ts";
import type { Decision, Evaluation } from "./recommendation.ts";
import type { Streak } from "./streak.ts";

/** What one evaluation of one workload rests on. */
export interface RecommendationInput {
	readonly policy: Policy;
	readonly workload: Workload;
	readonly current: Evaluation["current"];
	/** Domains where its pods run: with several replicas more than the current one. */
	readonly occupied: ReadonlySet<string>;
	/** In any order; smoothed where there is something to smooth with. */
	readonly candidates: CandidateTable;
	/** Why nothing could be predicted, where that is so. */
	readonly unknown: { readonly reason: PredictionUnknownReason; readonly message: string } | undefined;
	/** What earlier moves leave behind. */
	readonly standing: Standing;
	/** Why it may not be rolled now. */
	readonly disruption: DisruptionRefusal | undefined;
	/** From the previous evaluation. */
	readonly streak: Streak | undefined;
	/** Domains that can take nobody now, for reasons of others: the best of the rest is looked for. Absent: none. */
	readonly closed?: ReadonlySet<string> | undefined;
	/** Time (ms) of the newest measurement. */
	readonly dataAt: number | undefined;
	/** ms since the epoch. */
	readonly now: number;
}

/** The input with what follows from it. */
export interface Assessment extends RecommendationInput {
	/** The best domain; `undefined` when no feasible one has a prediction. */
	readonly best: RankedDomain | undefined;
	/** Of going there; `undefined` when it cannot be said. */
	readonly gain: Gain | undefined;
	/** Of going there by this evaluation's predictions alone; `undefined` when they are not smoothed. */
	readonly newestGain: number | undefined;
	/** Of one move, as a share of the target. */
	readonly cost: number;
	/** With this evaluation; `undefined` when it names no better domain. */
	readonly nextStreak: Streak | undefined;
}

/** One reason not to move: `undefined` when it does not apply. */
export type Guard = (assessment: Assessment) => Decision | undefined;

export function stay(reason: Decision["reason"], message: string): Decision {
	return { action: "Stay", reason, message };
}

export function unknown(reason: Decision["reason"], message: string): Decision {
	return { action: "Unknown", reason, message };
}
