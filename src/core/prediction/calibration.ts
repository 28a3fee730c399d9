import type { WorkloadKey } from "../cluster/workload.ts";
import type { PredictionTable } from "./prediction.ts";

/** Port: corrects a workload's predictions, in place, by what past ones turned out to be worth. */
export interface Calibrator {
	calibrate(workload: WorkloadKey, table: PredictionTable): void;
}
