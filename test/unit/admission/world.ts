import type { PlacementDecision } from "../../../src/core/admission/placement.ts";
import { Placer } from "../../../src/core/admission/placer.ts";
import type { AdmissionPod } from "../../../src/core/admission/pod.ts";
import type { AdmissionView } from "../../../src/core/admission/view.ts";
import type { Node } from "../../../src/core/cluster/node.ts";
import type { Pod, SchedulingSpec } from "../../../src/core/cluster/pod.ts";
import type { ClusterState, Namespace } from "../../../src/core/cluster/state.ts";
import type { Workload, WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import type { Model, ModelRegistry } from "../../../src/core/model/model.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import * as builders from "../cluster-core/builders.ts";
import { LATENCY, METRICS, NOW, STEP_SECONDS, STEPS } from "../prediction/world.ts";

export { NOW };
export const CART: WorkloadKey = "shop/cart";
export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";

export function scheduling(more: Partial<SchedulingSpec> = {}): SchedulingSpec {
	return builders.scheduling({ requests: { cpu: 0.5 }, ...more });
}

/** A pod of the Deployment shop/cart on its way in. */
export function incoming(more: Partial<AdmissionPod> = {}): AdmissionPod {
	return {
		uid: "review-1",
		namespace: "shop",
		name: "",
		labels: { app: "cart", "pod-template-hash": "1a2b" },
		annotations: {},
		nodeName: undefined,
		workload: CART,
		scheduling: scheduling(),
		ownerKind: "ReplicaSet",
		preferredNodeAffinity: [],
		...more,
	};
}

/** A pod of shop/cart that is bound. */
export function boundPod(uid: string, nodeName: string, more: Partial<Pod> = {}): Pod {
	const bound = { uid, labels: { app: "cart" }, nodeName, createdAt: NOW, workload: CART, scheduling: scheduling() };
	return builders.pod(uid, { ...bound, ...more });
}

export function policy(more: Partial<Policy> = {}): Policy {
	const fast = { name: "fast", uid: "policy-1", createdAt: NOW - 1000, mode: "Initial", objective: LATENCY } as const;
	return builders.policy({ ...fast, ...more });
}

export function workload(more: Partial<Workload> = {}): Workload {
	const template = { labels: { app: "cart" }, annotations: {}, scheduling: scheduling() };
	const own = { uid: "deployment-1", createdAt: NOW - 1000, labels: {}, replicas: 3, availableReplicas: 0, template };
	return builders.workload("cart", { ...own, ...more });
}

export const SHOP: Namespace = { name: "shop", labels: { "kubectl-qos.dev/admission": "enabled" }, annotations: {} };

export interface TestNode extends Partial<Omit<Node, "name">> {
	/** CPU use in cores of the 4 there are; absent: not measured. */
	readonly cpu?: number | undefined;
}

/** A cluster whose maps a test may change, as the caches do. */
export class TestCluster implements ClusterState {
	readonly nodes = new Map<string, Node>();
	readonly pods = new Map<string, Pod>();
	readonly podsByNode = new Map<string, Set<Pod>>();
	readonly podsByWorkload = new Map<WorkloadKey, Set<Pod>>();
	readonly podsWithAntiAffinity = new Set<Pod>();
	readonly workloads = new Map<WorkloadKey, Workload>([[CART, workload()]]);
	readonly namespaces = new Map<string, Namespace>([["shop", SHOP]]);
	readonly policies = new Map<string, Policy>([["shop/fast", policy()]]);
	readonly migrations = new Map<string, Migration>();
	readonly disruptionBudgets = new Map<string, never>();
	readonly volumeClaims = new Map<string, never>();

	constructor(nodes: Readonly<Record<string, TestNode>>) {
		for (const [name, { cpu: _, labels, ...more }] of Object.entries(nodes)) {
			const changes = { allocatable: { cpu: 4, pods: 110 }, ...more };
			this.nodes.set(name, builders.node(name, labels === undefined ? changes : { ...changes, labels }));
		}
	}

	add(pod: Pod): void {
		this.pods.set(pod.uid, pod);
		const node = pod.nodeName ?? "";
		if (node !== "") this.podsByNode.set(node, (this.podsByNode.get(node) ?? new Set<Pod>()).add(pod));
		if (pod.workload) {
			this.podsByWorkload.set(pod.workload, (this.podsByWorkload.get(pod.workload) ?? new Set<Pod>()).add(pod));
		}
		if (node !== "" && pod.scheduling.podAntiAffinity.length > 0) this.podsWithAntiAffinity.add(pod);
	}

	remove(pod: Pod): void {
		this.pods.delete(pod.uid);
		this.podsByNode.get(pod.nodeName ?? "")?.delete(pod);
		if (pod.workload) this.podsByWorkload.get(pod.workload)?.delete(pod);
		this.podsWithAntiAffinity.delete(pod);
	}
}

export interface TestView extends AdmissionView {
	readonly cluster: TestCluster;
	readonly metrics: MetricStore;
}

/** A full view over real stores: every node measured for the whole window at its `cpu`. */
export function viewOf(
	nodes: Readonly<Record<string, TestNode>>,
	models: ModelRegistry,
	more: Partial<AdmissionView> = {},
): TestView {
	const metrics = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });
	for (const [name, { cpu }] of Object.entries(nodes)) measure(metrics, name, cpu);
	const base = { metrics, models, ledger: new Ledger(), generation: 1, cachesFresh: true, now: NOW, ...more };
	return { ...base, cluster: new TestCluster(nodes), metrics };
}

export function measure(metrics: MetricStore, entity: string, value: number | undefined, until = NOW): void {
	if (value === undefined) return;
	const times = Array.from({ length: STEPS }, (_, step) => until - step * STEP_SECONDS * 1000);
	metrics.ingest(
		times.map((at) => ({ metric: "node_cpu_usage", entity, at, value })),
		until,
	);
}

/** Answers every policy with one model of each direction. */
export function registryOf(models: Readonly<Record<"Minimize" | "Maximize", Model>>): ModelRegistry {
	return { resolve: (_, { direction }) => ({ refused: false, model: models[direction] }) };
}

export const noPause = () => Promise.resolve();

export function newPlacer(): Placer {
	return new Placer({ ownNamespace: "kubectl-qos-system" });
}

let reviews = 0;

/** Admits pods of shop/cart one after the other. */
export async function admit(
	placer: Placer,
	view: AdmissionView,
	pods: number,
	more: Partial<AdmissionPod> = {},
): Promise<PlacementDecision[]> {
	const decisions: PlacementDecision[] = [];
	for (let index = 0; index < pods; index++) {
		reviews += 1;
		decisions.push(await placer.place(incoming({ uid: `review-${reviews}`, ...more }), view, { dryRun: false }));
	}
	return decisions;
}

/** Where the pods went, or why they went nowhere. */
export function domains(decisions: readonly PlacementDecision[]): string[] {
	return decisions.map((decision) => (decision.kind === "Place" ? decision.domain : decision.reason));
}
