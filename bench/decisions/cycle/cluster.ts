import { type Pod, type SchedulingSpec, UNCONSTRAINED } from "../../../src/core/cluster/pod.ts";
import type { ClusterState } from "../../../src/core/cluster/state.ts";
import { type Workload, workloadKey } from "../../../src/core/cluster/workload.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { NOW, nodeNames, nodes } from "../../world.ts";

const NAMESPACE = "bench";
/** Pods of others on every node. */
const NEIGHBOURS = 2;
const LONG_AGO = NOW - 86_400_000;

function scheduling(cpu: number): SchedulingSpec {
	return { ...UNCONSTRAINED, requests: { cpu, memory: 2 ** 28 } };
}

function pod(name: string, nodeName: string, workload: Workload | undefined): Pod {
	return {
		uid: name,
		namespace: NAMESPACE,
		name,
		labels: { app: workload?.name ?? "neighbour" },
		annotations: {},
		nodeName,
		phase: "Running",
		ready: true,
		terminating: false,
		createdAt: LONG_AGO,
		unschedulableSince: undefined,
		workload: workload?.key,
		scheduling: workload?.template.scheduling ?? scheduling(1),
	};
}

function deployment(name: string, index: number): Workload {
	return {
		key: workloadKey(NAMESPACE, name),
		namespace: NAMESPACE,
		name,
		uid: name,
		resourceVersion: "1",
		createdAt: LONG_AGO,
		labels: {},
		annotations: {},
		replicas: 1,
		paused: false,
		strategy: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 },
		rolledOut: true,
		availableReplicas: 1,
		progressDeadlineExceeded: false,
		// A few different shapes, as in a real cluster.
		template: { labels: { app: name }, annotations: {}, scheduling: scheduling(0.25 * (1 + (index % 4))) },
	};
}

/** Apps, each with a pod on a node of its own, and neighbours on every node. */
export function clusterOf(appCount: number, nodeCount: number, policy: Policy): ClusterState {
	const names = nodeNames(nodeCount);
	const workloads = Array.from({ length: appCount }, (_, index) => deployment(`app-${index}`, index));
	const pods = [
		...workloads.map((workload, index) => pod(workload.name, names[index % nodeCount] as string, workload)),
		...names.flatMap((name) =>
			Array.from({ length: NEIGHBOURS }, (_, index) => pod(`${name}-neighbour-${index}`, name, undefined)),
		),
	];
	const sets = <Key>(groups: ReadonlyMap<Key, readonly Pod[]>) =>
		new Map([...groups].map(([key, group]) => [key, new Set(group)]));
	return {
		nodes: nodes(names),
		pods: new Map(pods.map((one) => [one.uid, one])),
		podsByNode: sets(Map.groupBy(pods, ({ nodeName }) => nodeName as string)),
		podRevisions: new Map(names.map((name) => [name, 1])),
		revisions: { nodes: 1, pods: 1 },
		podsByWorkload: sets(
			Map.groupBy(
				pods.filter(({ workload }) => workload !== undefined),
				({ workload }) => workload as Workload["key"],
			),
		),
		podsWithAntiAffinity: new Set(),
		workloads: new Map(workloads.map((workload) => [workload.key, workload])),
		namespaces: new Map([[NAMESPACE, { name: NAMESPACE, labels: {}, annotations: {} }]]),
		policies: new Map([[`${NAMESPACE}/${policy.name}`, { ...policy, namespace: NAMESPACE }]]),
		migrations: new Map(),
		disruptionBudgets: new Map(),
		volumeClaims: new Map(),
	};
}
