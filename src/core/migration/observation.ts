import type { ClusterState } from "../cluster/state.ts";
import type { Workload } from "../cluster/workload.ts";
import type { MetricReader } from "../metrics/metric.ts";
import type { Policy } from "../policy/policy.ts";
import type { Evaluation } from "../recommendation/recommendation.ts";
import type { Command } from "./command.ts";
import type { Migration, MigrationStatus } from "./migration.ts";

/** How long each state may last, in ms. */
export interface LifeCycleTiming {
	/** For a first evaluation of the workload. */
	readonly evaluation: number;
	/** For our patch to be made and to show in the caches, which may lag by half of it. */
	readonly patch: number;
	/** For a pod to find room on its node. */
	readonly unschedulable: number;
	/** For the rollout, should the Deployment's own progress deadline not end it before. */
	readonly rollout: number;
}

export const DEFAULT_TIMING: LifeCycleTiming = {
	evaluation: 600_000,
	patch: 60_000,
	unschedulable: 30_000,
	rollout: 900_000,
};

/** The world as one step of a migration sees it. */
export interface Observation {
	readonly cluster: ClusterState;
	readonly metrics: Pick<MetricReader, "since" | "stepSeconds">;
	/** A fresh evaluation of the workload; needed while the migration is Pending. */
	readonly evaluation: Evaluation | undefined;
	/** A node that is not ready may be about to report that it is well. */
	readonly nodesSettle?: boolean | undefined;
	/** Default: DEFAULT_TIMING. */
	readonly timing?: LifeCycleTiming | undefined;
}

/** A migration's next status and the commands that bring it about, in order. */
export interface Step {
	readonly status: MigrationStatus;
	readonly commands: readonly Command[];
}

/** One migration with what governs it. */
export interface Subject {
	readonly migration: Migration;
	readonly workload: Workload;
	readonly policy: Policy;
	readonly observation: Observation;
	/** ms since the epoch. */
	readonly now: number;
}

type Change = Partial<MigrationStatus>;

/** Writes the change before the other commands: should they not come to pass, the next step sees why. */
export function step(migration: Migration, change: Change, commands: readonly Command[] = []): Step {
	const status: MigrationStatus = { ...migration.status, ...change };
	const keys = Object.keys(change) as (keyof MigrationStatus)[];
	const changed = keys.some((key) => status[key] !== migration.status[key]);
	const update: readonly Command[] = changed ? [{ kind: "UpdateMigration", migration, status }] : [];
	return { status, commands: [...update, ...commands] };
}
