import { HOSTNAME_KEY, type Node } from "../../../src/core/cluster/node.ts";
import { occupiesNode, type Pod, type SchedulingSpec } from "../../../src/core/cluster/pod.ts";
import type { ClusterState, VolumeClaim } from "../../../src/core/cluster/state.ts";
import { type Workload, type WorkloadKey, workloadKey } from "../../../src/core/cluster/workload.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";

/** Builders of core values for tests: everything ordinary, `changes` say what is not. */

export const MINUTE = 60_000;
export const GIB = 2 ** 30;

export function scheduling(changes: Partial<SchedulingSpec> = {}): SchedulingSpec {
	return {
		requests: { cpu: 1, memory: GIB },
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
		...changes,
	};
}

export function node(name: string, changes: Partial<Node> = {}): Node {
	return {
		name,
		taints: [],
		unschedulable: false,
		ready: true,
		allocatable: { cpu: 4, memory: 8 * GIB, pods: 110 },
		...changes,
		labels: { [HOSTNAME_KEY]: name, ...changes.labels },
	};
}

export function pod(name: string, changes: Partial<Pod> = {}): Pod {
	return {
		uid: `uid-${name}`,
		namespace: "shop",
		name,
		labels: { app: "web" },
		annotations: {},
		nodeName: undefined,
		phase: changes.nodeName === undefined ? "Pending" : "Running",
		ready: changes.nodeName !== undefined,
		terminating: false,
		createdAt: 0,
		unschedulableSince: undefined,
		workload: undefined,
		scheduling: scheduling(),
		...changes,
	};
}

export function volumeClaim(name: string, changes: Partial<VolumeClaim> = {}): VolumeClaim {
	return {
		namespace: "shop",
		name,
		bound: true,
		nodeAffinity: undefined,
		zones: [],
		refusal: undefined,
		singleNode: false,
		singlePod: false,
		...changes,
	};
}

export function workload(name: string, changes: Partial<Workload> = {}): Workload {
	const namespace = changes.namespace ?? "shop";
	return {
		key: workloadKey(namespace, name),
		namespace,
		name,
		uid: `uid-${name}`,
		resourceVersion: "1",
		createdAt: 0,
		labels: { app: "web" },
		annotations: {},
		replicas: 1,
		paused: false,
		strategy: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 },
		rolledOut: true,
		availableReplicas: 1,
		progressDeadlineExceeded: false,
		template: { labels: { app: "web" }, annotations: {}, scheduling: scheduling() },
		...changes,
	};
}

export function policy(changes: Partial<Policy> = {}): Policy {
	return {
		namespace: "shop",
		name: "latency",
		uid: "uid-latency",
		generation: 1,
		createdAt: 0,
		labels: {},
		workloadSelector: {},
		mode: "Auto",
		suspend: false,
		model: { kind: "Builtin", name: "headroom" },
		...changes,
		objective: {
			metric: "latency",
			direction: "Minimize",
			target: 100,
			horizonSeconds: 300,
			aggregate: "Mean",
			...changes.objective,
		},
		placement: { topologyKey: HOSTNAME_KEY, candidates: {}, enforcement: "Required", ...changes.placement },
		rebalance: {
			trigger: "Proactive",
			minGain: 0.1,
			confidence: 0.9,
			stabilization: 3,
			cooldownSeconds: 900,
			verifyAfterSeconds: 300,
			onWorse: "Revert",
			...changes.rebalance,
		},
	};
}

export function migration(
	name: string,
	changes: Partial<Omit<Migration, "status">> & { status?: Partial<Migration["status"]> } = {},
): Migration {
	return {
		namespace: "shop",
		name,
		uid: `uid-${name}`,
		resourceVersion: "1",
		createdAt: 0,
		workload: "shop/web",
		to: undefined,
		override: [],
		reason: "",
		requestedBy: "alice",
		automatic: false,
		cancelledBy: undefined,
		...changes,
		status: {
			phase: undefined,
			from: undefined,
			to: undefined,
			promised: undefined,
			measuredBefore: undefined,
			measured: undefined,
			startedAt: undefined,
			rolledOutAt: undefined,
			completedAt: undefined,
			reason: undefined,
			message: undefined,
			...changes.status,
		},
	};
}

export interface ClusterParts {
	readonly nodes?: readonly Node[];
	readonly pods?: readonly Pod[];
	readonly workloads?: readonly Workload[];
	readonly policies?: readonly Policy[];
	readonly migrations?: readonly Migration[];
	readonly namespaces?: ClusterState["namespaces"];
	readonly disruptionBudgets?: ClusterState["disruptionBudgets"];
	readonly volumeClaims?: ClusterState["volumeClaims"];
}

function named<Item extends { readonly namespace: string; readonly name: string }>(items: readonly Item[] = []) {
	return new Map(items.map((item) => [`${item.namespace}/${item.name}`, item]));
}

/** A cluster with its indexes. */
export function cluster(parts: ClusterParts): ClusterState {
	const pods = parts.pods ?? [];
	const placed = pods.filter(occupiesNode);
	const owned = pods.filter((item) => item.workload !== undefined);
	return {
		nodes: new Map((parts.nodes ?? []).map((item) => [item.name, item])),
		pods: new Map(pods.map((item) => [item.uid, item])),
		podsByNode: sets(Map.groupBy(placed, (item) => item.nodeName as string)),
		podsByWorkload: sets(Map.groupBy(owned, (item) => item.workload as WorkloadKey)),
		podsWithAntiAffinity: new Set(placed.filter((item) => item.scheduling.podAntiAffinity.length > 0)),
		workloads: new Map((parts.workloads ?? []).map((item) => [item.key, item])),
		namespaces: parts.namespaces ?? new Map(),
		policies: named(parts.policies),
		migrations: named(parts.migrations),
		disruptionBudgets: parts.disruptionBudgets ?? new Map(),
		volumeClaims: parts.volumeClaims ?? new Map(),
	};
}

function sets<Key>(groups: ReadonlyMap<Key, readonly Pod[]>): ReadonlyMap<Key, ReadonlySet<Pod>> {
	return new Map([...groups].map(([key, pods]) => [key, new Set(pods)]));
}
