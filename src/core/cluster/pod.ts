import { isFromFuture } from "../clock-skew.ts";
import type { Resources } from "./resources.ts";
import type { LabelSelector, NodeSelectorTerm } from "./selectors.ts";
import type { WorkloadKey } from "./workload.ts";

export interface Toleration {
	readonly key: string | undefined;
	/** Lt and Gt compare the taint's value with this one, as integers. */
	readonly operator: "Exists" | "Equal" | "Lt" | "Gt";
	readonly value: string;
	/** Absent: every effect. */
	readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
}

/** A required term of a pod affinity or anti-affinity. */
export interface PodAffinityTerm {
	readonly topologyKey: string;
	/** Absent selects no pods. */
	readonly labelSelector: LabelSelector | undefined;
	/** Namespaces by name; with no names and no selector: the pod's own namespace. */
	readonly namespaces: readonly string[];
	/** Namespaces by label; the empty selector means all of them. */
	readonly namespaceSelector: LabelSelector | undefined;
}

export interface TopologySpreadConstraint {
	readonly topologyKey: string;
	readonly maxSkew: number;
	readonly minDomains: number | undefined;
	readonly whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway";
	readonly labelSelector: LabelSelector | undefined;
	readonly nodeAffinityPolicy: "Honor" | "Ignore";
	readonly nodeTaintsPolicy: "Honor" | "Ignore";
}

export interface HostPort {
	readonly ip: string;
	readonly protocol: string;
	readonly port: number;
}

/** What a pod spec says of where it may run, and with how much: the same for a pod and for a Deployment's pod template. */
export interface SchedulingSpec {
	/** Effective requests: the larger of the sum over containers and any init container, plus overhead. */
	readonly requests: Resources;
	/** CPU that its containers may use together, in cores; absent: one has no limit. It decides how fast, not where. */
	readonly cpuLimit: number | undefined;
	readonly schedulerName: string;
	readonly nodeSelector: Readonly<Record<string, string>>;
	/** Required node affinity: alternatives; absent means no such constraint. */
	readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
	readonly podAffinity: readonly PodAffinityTerm[];
	readonly podAntiAffinity: readonly PodAffinityTerm[];
	readonly tolerations: readonly Toleration[];
	readonly topologySpread: readonly TopologySpreadConstraint[];
	readonly hostPorts: readonly HostPort[];
	/** Names of the PersistentVolumeClaims used, in the pod's namespace. */
	readonly volumeClaims: readonly string[];
}

/** Asks for nothing and goes anywhere. */
export const UNCONSTRAINED: SchedulingSpec = {
	requests: {},
	cpuLimit: undefined,
	schedulerName: "default-scheduler",
	nodeSelector: {},
	nodeAffinity: undefined,
	podAffinity: [],
	podAntiAffinity: [],
	tolerations: [],
	topologySpread: [],
	hostPorts: [],
	volumeClaims: [],
};

/** A Kubernetes Pod, as far as placement needs it. Times are milliseconds since the epoch. */
export interface Pod {
	readonly uid: string;
	readonly namespace: string;
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
	/** The node it is bound to. */
	readonly nodeName: string | undefined;
	readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
	readonly ready: boolean;
	readonly terminating: boolean;
	readonly createdAt: number;
	/** When it became ready last; absent: it is not ready, or nobody says since when. */
	readonly readySince?: number | undefined;
	/** When the scheduler first found no node for it (condition PodScheduled=False, Unschedulable). */
	readonly unschedulableSince: number | undefined;
	/** The Deployment that owns it through a ReplicaSet. */
	readonly workload: WorkloadKey | undefined;
	readonly scheduling: SchedulingSpec;
}

/** Readiness that comes later than this after a pod's creation (ms) is not its first: it was unwell for a while. */
const FIRST_READY_WITHIN = 15 * 60_000;

/** When the pod began to serve (ms): what is measured before speaks of its predecessors. */
export function servingSince({ createdAt, readySince = createdAt }: Pick<Pod, "createdAt" | "readySince">): number {
	return readySince - createdAt > FIRST_READY_WITHIN ? createdAt : Math.max(createdAt, readySince);
}

/** Whether the pod holds its requests on its node. */
export function occupiesNode(pod: Pod): boolean {
	return pod.nodeName !== undefined && pod.phase !== "Succeeded" && pod.phase !== "Failed";
}

/** How long (ms) the scheduler has found no node for the pod at `now` (ms); `undefined` when it waits for none. */
export function unschedulableFor(pod: Pod, now: number): number | undefined {
	const { unschedulableSince: since, createdAt, nodeName, terminating } = pod;
	if (since === undefined || nodeName !== undefined || terminating) return undefined;
	return now - (isFromFuture(since, now) ? createdAt : since);
}
