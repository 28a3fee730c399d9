import type { Node } from "../../src/core/cluster/node.ts";
import { type Pod, type SchedulingSpec, UNCONSTRAINED } from "../../src/core/cluster/pod.ts";
import type { ClusterState, Namespace } from "../../src/core/cluster/state.ts";
import type { Workload, WorkloadKey } from "../../src/core/cluster/workload.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import { NOW } from "../world.ts";

const NAMESPACE = "bench";

const SCHEDULING: SchedulingSpec = { ...UNCONSTRAINED, requests: { cpu: 0.1, memory: 128 * 1024 ** 2 } };

const POLICY: Policy = {
	namespace: NAMESPACE,
	name: "fast",
	uid: "policy",
	generation: 1,
	createdAt: NOW,
	labels: {},
	workloadSelector: {},
	mode: "Auto",
	suspend: false,
	objective: { metric: "latency", direction: "Minimize", target: 0.2, horizonSeconds: 300, aggregate: "Mean" },
	model: { kind: "Builtin", name: "headroom" },
	placement: { topologyKey: "kubernetes.io/hostname", candidates: {}, enforcement: "Required" },
	rebalance: {
		trigger: "Proactive",
		minGain: 0.1,
		confidence: 0.9,
		stabilization: 3,
		cooldownSeconds: 900,
		verifyAfterSeconds: 300,
		onWorse: "Revert",
	},
};

/** The caches of a cluster, with pods coming in as the watches would bring them. */
export class BenchCluster implements ClusterState {
	readonly nodes: ReadonlyMap<string, Node>;
	readonly pods = new Map<string, Pod>();
	readonly podsByNode = new Map<string, Set<Pod>>();
	readonly podRevisions = new Map<string, number>();
	readonly podsByWorkload = new Map<WorkloadKey, Set<Pod>>();
	readonly podsWithAntiAffinity = new Set<Pod>();
	readonly workloads: ReadonlyMap<WorkloadKey, Workload>;
	readonly namespaces: ReadonlyMap<string, Namespace>;
	readonly policies: ReadonlyMap<string, Policy>;
	readonly migrations = new Map<string, never>();
	readonly disruptionBudgets = new Map<string, never>();
	readonly volumeClaims = new Map<string, never>();

	constructor(
		nodes: ReadonlyMap<string, Node>,
		workloads: readonly WorkloadKey[],
		{ podsPerNode, model = POLICY.model }: { readonly podsPerNode: number; readonly model?: Policy["model"] },
	) {
		this.nodes = nodes;
		this.policies = new Map([[`${NAMESPACE}/fast`, { ...POLICY, model }]]);
		this.workloads = new Map(workloads.map((key) => [key, workload(key)]));
		const labels = { "kubectl-qos.dev/admission": "enabled" };
		this.namespaces = new Map([[NAMESPACE, { name: NAMESPACE, labels, annotations: {} }]]);
		for (const node of nodes.keys()) {
			for (let index = 0; index < podsPerNode; index++) {
				this.add({ uid: `${node}-${index}`, node, workload: undefined, createdAt: NOW - 3_600_000 });
			}
		}
	}

	/** A running pod, as a watch event would bring it. */
	add(given: { uid: string; node: string; workload: WorkloadKey | undefined; createdAt: number }): void {
		const pod: Pod = {
			uid: given.uid,
			namespace: NAMESPACE,
			name: given.uid,
			labels: { app: "bench" },
			annotations: {},
			nodeName: given.node,
			phase: "Running",
			ready: true,
			terminating: false,
			createdAt: given.createdAt,
			unschedulableSince: undefined,
			workload: given.workload,
			scheduling: SCHEDULING,
		};
		this.pods.set(pod.uid, pod);
		this.podsByNode.set(given.node, (this.podsByNode.get(given.node) ?? new Set<Pod>()).add(pod));
		this.podRevisions.set(given.node, (this.podRevisions.get(given.node) ?? 0) + 1);
		if (!given.workload) return;
		const ofWorkload = this.podsByWorkload.get(given.workload) ?? new Set<Pod>();
		this.podsByWorkload.set(given.workload, ofWorkload.add(pod));
	}
}

function workload(key: WorkloadKey): Workload {
	const name = key.slice(NAMESPACE.length + 1);
	return {
		key,
		namespace: NAMESPACE,
		name,
		uid: name,
		resourceVersion: "1",
		createdAt: NOW - 3_600_000,
		labels: {},
		annotations: {},
		replicas: 100_000,
		paused: false,
		strategy: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 },
		rolledOut: false,
		availableReplicas: 0,
		progressDeadlineExceeded: false,
		template: { labels: {}, annotations: {}, scheduling: SCHEDULING },
	};
}
