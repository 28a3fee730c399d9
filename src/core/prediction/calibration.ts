import type { WorkloadKey } from "../cluster/workload.ts";
import type { ModelReference } from "../model/model.ts";
import type { Objective } from "../policy/policy.ts";
import type { PredictionTable } from "./prediction.ts";

/** One workload's predictions, to be corrected by what earlier ones turned out to be worth. */
export interface CalibrationSubject {
	readonly workload: WorkloadKey;
	/** See `basisOf`. */
	readonly basis: string;
	/** Pods that run now, by node name. */
	readonly currentNodes: ReadonlyMap<string, number>;
	/** Least value that the metric can have, in its unit; may be infinite. */
	readonly least: number;
}

/** Port: corrects a workload's predictions, in place, by what past ones turned out to be worth. */
export interface Calibrator {
	calibrate(subject: CalibrationSubject, table: PredictionTable): void;
	/** Horizons that do not overlap for which a workload's predictions were followed up; counted no further than 16. */
	windows(workload: WorkloadKey, basis: string): number;
}

/** Names what predictions are of and by: only those of the same basis teach each other anything. */
export function basisOf({ name, version, sha256 }: ModelReference, objective: Objective): string {
	const { metric, aggregate, horizonSeconds } = objective;
	return `${name} ${version} ${sha256.slice(0, 12)} ${aggregate} ${metric} ${horizonSeconds}`;
}
