import type { WorkloadKey } from "../cluster/workload.ts";
import type { Model } from "../model/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { Here } from "./here.ts";
import type { PredictionTable, PredictionUnknownReason } from "./prediction.ts";

/** One workload whose QoS is asked for on a list of nodes. */
export interface PredictionRequest {
	readonly workload: WorkloadKey;
	readonly policy: Pick<Policy, "objective"> & Partial<Pick<Policy, "placement">>;
	readonly model: Model;
	/** Pass the same array for the same list: rows are remembered per array. */
	readonly nodes: readonly string[];
	/** Pods that run now, by node name. Fewer than `replicas`: the pod in question comes on top of them. */
	readonly currentNodes: ReadonlyMap<string, number>;
	/** When its pods came to the current nodes (ms): earlier measurements speak of others. Absent: all count. */
	readonly settledSince?: number | undefined;
	/** CPU request of one pod, in cores. */
	readonly cpuRequest: number;
	/** CPU limit of one pod, in cores; absent: none. */
	readonly cpuLimit?: number | undefined;
	/** That of the pods that run now, in cores; absent: none. */
	readonly currentCpuLimit?: number | undefined;
	readonly replicas: number;
	/** A request that differs in its nodes alone and was asked of the same preparation: what it read is used again. */
	readonly basis?: PredictionRequest | undefined;
}

/** A table with NaN where a single node is Unknown, or why nothing could be said of any. */
export type PredictionResult =
	| {
			readonly known: true;
			readonly table: PredictionTable;
			/** Of where it runs now; absent without a calibrator, or when nothing is known of there. */
			readonly here: Here | undefined;
			/** Age of the newest sample it rests on; absent: it rests on none. */
			readonly dataAgeSeconds: number | undefined;
			/** When it was made (ms), where not just now: the same prediction may be read again and again. */
			readonly madeAt?: number | undefined;
			/** Why nobody may be placed or moved by it; absent: it may be gone by. */
			readonly untrusted?: string | undefined;
			/** Why nobody may be moved by it any more; absent: it was not acted on yet. */
			readonly spent?: string | undefined;
	  }
	| { readonly known: false; readonly reason: PredictionUnknownReason; readonly message: string };
