import type { WorkloadKey } from "../cluster/workload.ts";
import type { Aggregate, Direction, ModelSelector, Objective } from "../policy/policy.ts";

/** One input column: its name in the feature catalogue, unit, scope, and range seen in training. */
export interface FeatureDefinition {
	readonly name: string;
	readonly unit: string;
	readonly scope: "Node" | "Workload" | "Pair";
	readonly min: number;
	readonly max: number;
	/** Stands for a workload's metric that is not measured, as the model was trained to; absent: it must be measured. */
	readonly default?: number | undefined;
	/**
	 * `SinceChange`: steps before the newest change of the node's load show the load after it: for a model that answers
	 * for the load there is, not for its course. Absent: as measured.
	 */
	readonly history?: "SinceChange" | undefined;
}

/** One output column: a quantile of the objective's aggregate over the horizon. */
export interface OutputDefinition {
	readonly aggregate: Aggregate;
	/** In (0, 1); 0.05, 0.5 and 0.95 make the 90 % interval. */
	readonly quantile: number;
}

/** The contract that a model file carries in itself. */
export interface ModelMetadata {
	readonly schema: "kubectl-qos.dev/model/v1";
	readonly name: string;
	readonly version: string;
	/** Steps of history per feature. */
	readonly window: number;
	/** Seconds per step; absent: works with any. */
	readonly stepSeconds: number | undefined;
	/** Seconds ahead that the outputs speak of; absent: any. */
	readonly horizonSeconds: number | undefined;
	readonly features: readonly FeatureDefinition[];
	readonly outputs: readonly OutputDefinition[];
	/** `*` for metric or unit: the output is in the unit of whatever objective is given. */
	readonly target: { readonly metric: string; readonly unit: string; readonly direction: Direction };
}

export interface ModelReference {
	readonly name: string;
	readonly version: string;
	/** Hex digest of the model file. */
	readonly sha256: string;
}

/** Port: a loaded model. */
export interface Model {
	readonly reference: ModelReference;
	readonly metadata: ModelMetadata;
	/**
	 * `input` is row-major `[rows, window, features]`; the result is row-major `[rows, outputs]`.
	 * `input` may be shared memory and must not be changed until the promise settles. Rejects when the
	 * runtime fails.
	 */
	predict(input: Float32Array, rows: number): Promise<Float32Array>;
	/** Present where predictions are made elsewhere and only read: then these are asked, and `predict` never. */
	readonly recorded?: RecordedPredictions | undefined;
}

/** Predictions that something else made. */
export interface RecordedPredictions {
	/** The newest for a workload at `now` (ms since the epoch); from memory. */
	latest(workload: WorkloadKey, now: number): RecordedAnswer;
	/** A decision acted on what was the newest at `now`: it shall not be acted on again. Never throws. */
	actedUpon(workload: WorkloadKey, now: number): void;
}

export type RecordedAnswer =
	| {
			readonly known: true;
			/** What they were saved as. */
			readonly run: string;
			/** When they were made, ms since the epoch. */
			readonly madeAt: number;
			readonly isActedUpon: boolean;
			/** By node name, or by value of the policy's topology key, in the objective's unit. */
			readonly values: ReadonlyMap<string, RecordedValue>;
	  }
	/** `message`: what is missing, in one line. */
	| { readonly known: false; readonly message: string };

/** A value without an interval says nothing of how far to trust it. */
export interface RecordedValue {
	readonly value: number;
	readonly lower?: number | undefined;
	readonly upper?: number | undefined;
}

/** A model that may not be used: `message` says what, where and how to mend it, in one line. */
export interface ModelRefusal {
	readonly refused: true;
	readonly reason:
		| "NotFound"
		| "Unreadable"
		| "SchemaMismatch"
		| "UnitMismatch"
		| "HashMismatch"
		| "Unreachable"
		| "Loading";
	readonly message: string;
}

export type ModelResolution =
	| {
			readonly refused: false;
			readonly model: Model;
			/** Why this is still the model that was asked for earlier, where it is. */
			readonly kept?: ModelRefusal | undefined;
	  }
	| ModelRefusal;

/** Port: finds the model a policy asks for. Answers from memory; never rejects. */
export interface ModelRegistry {
	resolve(selector: ModelSelector, objective: Objective): ModelResolution;
}
