import type { RolloutStrategy, WorkloadKey } from "../cluster/workload.ts";
import type { Measurement } from "../metrics/metric.ts";
import type { Migration, MigrationPhase } from "../migration/migration.ts";
import type { ModelReference } from "../model/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import type { RecommendationInput } from "../recommendation/guard.ts";
import type { Decision, Evaluation } from "../recommendation/recommendation.ts";

/** One place as an evaluation saw it. */
export interface LoggedCandidate {
	readonly node: string;
	/** Absent: the node's name. */
	readonly domain?: string | undefined;
	readonly feasible: boolean;
	/** Why it is not feasible. */
	readonly reason?: string | undefined;
	/** As the decision saw it, smoothed; absent: Unknown. */
	readonly predicted?: Prediction | undefined;
	/** What the model said this time, and the observations that the smoothed value rests on. */
	readonly raw?: number | undefined;
	readonly support?: number | undefined;
}

/** All that a decision rests on, and nothing else: with it the same core decides the same. */
export interface LoggedInput {
	readonly policy: Pick<Policy, "name" | "mode" | "suspend" | "objective" | "rebalance"> & {
		readonly topologyKey: string;
	};
	readonly workload: {
		readonly replicas: number;
		readonly strategy: RolloutStrategy;
		readonly nodeSelector: Readonly<Record<string, string>>;
		/** Annotations of the Deployment and of its template that are ours. */
		readonly annotations: Readonly<Record<string, string>>;
		readonly templateAnnotations: Readonly<Record<string, string>>;
	};
	readonly current: {
		readonly node?: string | undefined;
		readonly domain?: string | undefined;
		readonly measured: Measurement;
	};
	readonly occupied: readonly string[];
	/** The best ones, and those that the decision speaks of. */
	readonly candidates: readonly LoggedCandidate[];
	/** Of which they are a part. */
	readonly candidatesTotal: number;
	readonly unknown?: RecommendationInput["unknown"];
	readonly standing: {
		readonly inFlight?: { readonly name: string; readonly phase?: MigrationPhase | undefined } | undefined;
		/** ms since the epoch. */
		readonly coolingUntil?: number | undefined;
		readonly setbacks: number;
		readonly quarantined: readonly string[];
	};
	readonly disruption?: RecommendationInput["disruption"];
	readonly streak?: RecommendationInput["streak"];
	/** ms since the epoch. */
	readonly dataAt?: number | undefined;
}

/** One evaluation. Times are ms since the epoch. */
export interface DecisionEntry {
	readonly kind: "Decision";
	readonly time: number;
	readonly workload: WorkloadKey;
	readonly model?: ModelReference | undefined;
	readonly input: LoggedInput;
	readonly decision: Decision;
	readonly recommended?: Evaluation["recommended"];
}

/** What the joint plan made of a decision, where it is something else. */
export interface PlanEntry {
	readonly kind: "Plan";
	readonly time: number;
	readonly workload: WorkloadKey;
	readonly decision: Decision;
}

/** How a move ended. */
export interface OutcomeEntry {
	readonly kind: "Outcome";
	readonly time: number;
	readonly workload: WorkloadKey;
	readonly migration: string;
	readonly phase: MigrationPhase | undefined;
	readonly reason?: string | undefined;
	readonly message?: string | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly promised?: Prediction | undefined;
	readonly measuredBefore?: number | undefined;
	readonly measured?: number | undefined;
}

export type LogEntry = DecisionEntry | PlanEntry | OutcomeEntry;

/** Port: where entries go. Returns at once and never throws; what cannot be kept is lost. */
export interface DecisionLog {
	/** Candidates per entry; the current node comes on top. */
	readonly candidates: number;
	record(entries: readonly LogEntry[]): void;
}

/** How a finished migration is remembered. */
export function outcomeEntry({ workload, name, status }: Migration, time: number): OutcomeEntry {
	const { phase, reason, message, from, to, promised, measuredBefore, measured } = status;
	return {
		kind: "Outcome",
		time,
		workload,
		migration: name,
		phase,
		reason,
		message,
		from,
		to,
		promised,
		measuredBefore,
		measured,
	};
}
