import type { Migration } from "../migration/migration.ts";
import type { Policy } from "../policy/policy.ts";
import type { Node } from "./node.ts";
import type { Pod } from "./pod.ts";
import type { LabelSelector, NodeSelectorTerm } from "./selectors.ts";
import type { Workload, WorkloadKey } from "./workload.ts";

export interface Namespace {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
}

export interface PodDisruptionBudget {
	readonly namespace: string;
	readonly name: string;
	readonly selector: LabelSelector;
	readonly disruptionsAllowed: number;
}

/** A PersistentVolumeClaim with what its volume or its storage class demands of nodes. */
export interface VolumeClaim {
	readonly namespace: string;
	readonly name: string;
	readonly bound: boolean;
	/** Nodes that its volume reaches, or where it can still be bound: alternatives; absent means any node. */
	readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
	/** Zones and regions that the bound volume's labels name: each must hold of a node that has any such label. */
	readonly zones: readonly VolumeZone[];
	/** Why the scheduler places no pod that uses it, in its words. */
	readonly refusal: string | undefined;
	/** ReadWriteOnce or ReadWriteOncePod: two nodes cannot hold it at once. */
	readonly singleNode: boolean;
	/** ReadWriteOncePod: two pods cannot. */
	readonly singlePod: boolean;
}

/** A label of the keys for zones or regions, and the values that will do. */
export interface VolumeZone {
	readonly key: string;
	readonly values: readonly string[];
}

/** Counters that change with every change among nodes, and among pods on nodes. */
export interface Revisions {
	readonly nodes: number;
	readonly pods: number;
}

/**
 * The cluster as the caches see it at one moment. Readers must not assume that two reads across an
 * `await` belong to the same moment.
 */
export interface ClusterState {
	readonly nodes: ReadonlyMap<string, Node>;
	/** By uid. */
	readonly pods: ReadonlyMap<string, Pod>;
	/** Pods that occupy a node, by node name. */
	readonly podsByNode: ReadonlyMap<string, ReadonlySet<Pod>>;
	/** Changes with every change among the pods of a node, so sums over them can be kept; absent: not known. */
	readonly podRevisions?: ReadonlyMap<string, number> | undefined;
	/** As live as the maps; absent: not known. */
	readonly revisions?: Revisions | undefined;
	readonly podsByWorkload: ReadonlyMap<WorkloadKey, ReadonlySet<Pod>>;
	/** Pods that occupy a node and have a required anti-affinity; absent: every pod must be looked at. */
	readonly podsWithAntiAffinity?: ReadonlySet<Pod> | undefined;
	readonly workloads: ReadonlyMap<WorkloadKey, Workload>;
	readonly namespaces: ReadonlyMap<string, Namespace>;
	/** By `namespace/name`. */
	readonly policies: ReadonlyMap<string, Policy>;
	readonly migrations: ReadonlyMap<string, Migration>;
	readonly disruptionBudgets: ReadonlyMap<string, PodDisruptionBudget>;
	readonly volumeClaims: ReadonlyMap<string, VolumeClaim>;
}
