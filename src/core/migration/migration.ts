import type { WorkloadKey } from "../cluster/workload.ts";
import type { Prediction } from "../prediction/prediction.ts";

export const PHASES = ["Pending", "Rolling", "Verifying", "Succeeded", "Reverted", "Failed", "Rejected"] as const;

export type MigrationPhase = (typeof PHASES)[number];

/** What a forced migration may set aside; feasibility never. */
export const OVERRIDES = ["Cooldown", "MinGain", "Confidence", "Disruption"] as const;

export type Override = (typeof OVERRIDES)[number];

/** One move with its life: a QoSMigration. Times are ms since the epoch. */
export interface Migration {
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly createdAt: number;
	readonly workload: WorkloadKey;
	/** A value of the policy's topology key; absent: the best. */
	readonly to: string | undefined;
	readonly override: readonly Override[];
	readonly reason: string;
	readonly requestedBy: string;
	/** The controller made it. */
	readonly automatic: boolean;
	/** Who wants it stopped and undone; absent: nobody. */
	readonly cancelledBy: string | undefined;
	readonly status: MigrationStatus;
}

export interface MigrationStatus {
	/** Absent: not looked at yet, the same as Pending. */
	readonly phase: MigrationPhase | undefined;
	readonly from: string | undefined;
	readonly to: string | undefined;
	readonly promised: Prediction | undefined;
	/** Measured QoS before the move and after it, in the objective's unit. */
	readonly measuredBefore: number | undefined;
	readonly measured: number | undefined;
	readonly startedAt: number | undefined;
	readonly rolledOutAt: number | undefined;
	readonly completedAt: number | undefined;
	/** CamelCase reason and sentence of the newest transition. */
	readonly reason: string | undefined;
	readonly message: string | undefined;
}

export function isFinished(migration: Migration): boolean {
	const phase = migration.status.phase;
	return phase === "Succeeded" || phase === "Reverted" || phase === "Failed" || phase === "Rejected";
}
