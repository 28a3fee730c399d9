import type { WorkloadKey } from "../cluster/workload.ts";
import type { Policy } from "../policy/policy.ts";
import type { Migration, MigrationStatus } from "./migration.ts";

/** The content of the `kubectl-qos.dev/placement` annotation. */
export interface PlacementRecord {
	/** On pods: the node that the prediction is of; with a wider topology key the scheduler may take its neighbour. */
	readonly node?: string | undefined;
	/** The chosen value of the topology key; absent when each replica is placed by admission. */
	readonly domain?: string | undefined;
	/** In the objective's unit; absent when Unknown. */
	readonly predicted?: number | undefined;
	readonly policy: string;
	/** Time of the evaluation it rests on, RFC 3339. */
	readonly observedAt: string;
	/** Name of the QoSMigration, where one made it; on templates only, never on a pod by admission. */
	readonly migration?: string | undefined;
	/** The domain that our pin named before this migration; absent when there was none. */
	readonly replaces?: string | undefined;
	/** Name of the QoSMigration that this placement undid. */
	readonly reverts?: string | undefined;
}

/** An intention of the core. One executor carries them out, in order; the core never writes itself. */
export type Command =
	| {
			readonly kind: "CreateMigration";
			readonly workload: WorkloadKey;
			readonly to: string;
			readonly reason: string;
	  }
	| {
			/** Sets one key of the template's nodeSelector and remembers what it held before. */
			readonly kind: "PinWorkload";
			readonly workload: WorkloadKey;
			readonly resourceVersion: string;
			readonly topologyKey: string;
			readonly value: string;
			/** What the key held before; `undefined`: absent. Not recorded again when a pin of ours stands. */
			readonly previous: string | undefined;
			readonly placement: PlacementRecord;
	  }
	| {
			/** Rolls the template by its placement annotation alone; admission places each pod. */
			readonly kind: "RollWorkload";
			readonly workload: WorkloadKey;
			readonly resourceVersion: string;
			readonly placement: PlacementRecord;
	  }
	| {
			/** Puts back what the nodeSelector key held before we pinned it, and drops our annotations. */
			readonly kind: "ReleaseWorkload";
			readonly workload: WorkloadKey;
			readonly resourceVersion: string;
			readonly topologyKey: string;
			readonly restore: string | undefined;
			readonly reason: string;
			readonly message: string;
	  }
	| {
			/** Evicts a pod that we pinned to a node where it cannot run, so that its successor is placed anew. */
			readonly kind: "EvictPod";
			readonly namespace: string;
			readonly name: string;
			readonly uid: string;
			readonly workload: WorkloadKey;
			readonly reason: string;
			readonly message: string;
	  }
	| { readonly kind: "UpdateMigration"; readonly migration: Migration; readonly status: MigrationStatus }
	| { readonly kind: "DeleteMigration"; readonly migration: Migration }
	| {
			readonly kind: "RecordEvent";
			readonly workload: WorkloadKey;
			readonly type: "Normal" | "Warning";
			readonly reason: "QoSPlaced" | "QoSMigrating" | "QoSMigrated" | "QoSReverted" | "QoSUnpinned" | "QoSStayed";
			readonly message: string;
	  }
	| {
			readonly kind: "RecordPolicyEvent";
			readonly policy: Pick<Policy, "namespace" | "name" | "uid">;
			readonly type: "Normal" | "Warning";
			readonly reason: "ModelReady" | "ModelSwitched" | "ModelKept" | "ModelRefused";
			readonly message: string;
	  };

export type CommandOf<Kind extends Command["kind"]> = Extract<Command, { readonly kind: Kind }>;

/** `Conflict`: the object changed since it was read; the next cycle decides anew. */
export type CommandOutcome = "Applied" | "Conflict" | "NotFound" | { readonly failed: string };

/** Port: the only writer. Never rejects. */
export interface Actuator {
	apply(command: Command): Promise<CommandOutcome>;
}
