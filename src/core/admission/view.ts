import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { Ledger } from "../features/ledger.ts";
import type { NodeSpeeds } from "../features/speed.ts";
import type { MetricReader } from "../metrics/metric.ts";
import type { ModelRegistry } from "../model/model.ts";
import type { Calibrator } from "../prediction/calibration.ts";
import type { Memory } from "../recommendation/memory.ts";

/** All that admission decides from: memory, never a call. */
export interface AdmissionView {
	readonly cluster: ClusterState;
	readonly metrics: MetricReader;
	readonly models: ModelRegistry;
	readonly ledger: Ledger;
	readonly calibrator?: Calibrator | undefined;
	readonly speeds?: NodeSpeeds | undefined;
	/** What this process's evaluations have left. */
	readonly memories?: ReadonlyMap<WorkloadKey, Pick<Memory, "levels">> | undefined;
	/** Changes with every collection of metrics. */
	readonly generation: number;
	/** The caches follow the API server. */
	readonly cachesFresh: boolean;
	/** ms since the epoch. */
	readonly now: number;
}
