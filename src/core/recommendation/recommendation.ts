import type { WorkloadKey } from "../cluster/workload.ts";
import type { Verdict } from "../feasibility/verdict.ts";
import type { Measurement } from "../metrics/metric.ts";
import type { ModelReference } from "../model/model.ts";
import type { Prediction, PredictionUnknownReason } from "../prediction/prediction.ts";
import type { CandidateTable } from "./candidates.ts";

/** Why an evaluation ended as it did. */
export type DecisionReason =
	// Move
	| "GainAboveMargin"
	| "TargetBreached"
	// Stay
	| "AlreadyBest"
	| "GainBelowMinimum"
	| "GainNotConfident"
	| "Stabilizing"
	| "CoolingDown"
	| "MigrationInFlight"
	| "DisruptionBlocked"
	| "NoFeasibleNode"
	| "ModeOff"
	| "ModeInitial"
	| "Suspended"
	| "UserPinned"
	| "WithinTarget"
	| "CapReached"
	// Unknown
	| "MetricsAbsent"
	| "MetricsStale"
	| "ModelRefused"
	| "PredictionUnknown"
	| "NotRunning";

/** As what it is told that nothing is predicted: the same for evaluations and admissions. */
export const UNKNOWN_REASONS = {
	MetricsStale: "MetricsStale",
	MetricsAbsent: "MetricsAbsent",
	ModelRefused: "ModelRefused",
	OutputNotFinite: "PredictionUnknown",
	NotRecorded: "PredictionUnknown",
} as const satisfies Readonly<Record<PredictionUnknownReason, DecisionReason>>;

export interface Decision {
	readonly action: "Stay" | "Move" | "Unknown";
	readonly reason: DecisionReason;
	/** One sentence with its numbers. */
	readonly message: string;
}

/** One node as a place for one workload. */
export interface Candidate {
	readonly node: string;
	/** The node's value of the policy's topology key. */
	readonly domain: string;
	readonly verdict: Verdict;
	readonly predicted: Prediction | undefined;
	/** 1 is best; only feasible nodes with a known prediction are ranked. */
	readonly rank: number | undefined;
}

/** What one evaluation of one workload found: the content of a QoSReport's status. */
export interface Evaluation {
	readonly workload: WorkloadKey;
	/** Name of the governing policy. */
	readonly policy: string;
	/** ms since the epoch. */
	readonly observedAt: number;
	/** Age in seconds of the newest sample the evaluation rests on. */
	readonly dataAgeSeconds: number | undefined;
	readonly model: ModelReference | undefined;
	readonly current: {
		/** The node most of its pods run on; absent when none does. */
		readonly node: string | undefined;
		readonly domain: string | undefined;
		readonly measured: Measurement;
		readonly predicted: Prediction | undefined;
	};
	/** The best feasible domain where none of its pods runs yet, with the gain as a share of the target (0.1 = 10 %). */
	readonly recommended:
		| {
				readonly node: string;
				readonly domain: string;
				readonly gain: number | undefined;
				readonly gainLowerBound: number | undefined;
				readonly predicted: Prediction;
				/** Whether it is expected to be within the target there; without a target it is. */
				readonly meetsTarget: boolean;
		  }
		| undefined;
	readonly decision: Decision;
	readonly candidates: CandidateTable;
}
