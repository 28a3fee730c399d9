import type { WorkloadKey } from "../cluster/workload.ts";
import type { Prediction } from "../prediction/prediction.ts";

/** Stands for the node of a workload whose pods run on several: its measurements speak of none of them alone. */
export const SPREAD = "*";

/** A prediction of what a workload would deliver where it was, and what it delivered there. */
export interface Outcome {
	readonly workload: WorkloadKey;
	/** The node that all its pods were on from the prediction to the end of the horizon, or SPREAD. */
	readonly node: string;
	/** Model and objective, as `basisOf` names them. */
	readonly basis: string;
	/** As the model gave it. */
	readonly raw: Prediction;
	/** As it was calibrated when it was made. */
	readonly issued: Prediction;
	/** The objective's aggregate over the horizon, measured. */
	readonly actual: number;
	/** When it was predicted, ms since the epoch. */
	readonly at: number;
	readonly horizonSeconds: number;
}

/** What a move promised, calibrated, and what was measured after it. */
export interface Arrival extends Omit<Outcome, "raw" | "horizonSeconds"> {}
