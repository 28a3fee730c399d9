import {
	CoreV1Api,
	type Informer,
	KubeConfig,
	type KubernetesObject,
	makeInformer,
	type V1Node,
	type V1Pod,
} from "@kubernetes/client-node";
import { parseQuantity } from "../src/api/v1alpha1/quantity.ts";
import type { ClusterNode, ClusterView, RunningPod } from "./cluster-view.ts";

const RETRY_MS = 500;

/** Follows nodes and pods of a real API server, and says before each change that one is coming. */
export class ClusterWatch implements ClusterView {
	readonly nodes = new Map<string, ClusterNode>();
	readonly pods = new Map<string, RunningPod>();
	private readonly informers: { stop(): Promise<void> }[] = [];
	private readonly retries = new Set<NodeJS.Timeout>();
	private readonly beforeChange: () => void;
	private stopped = false;

	constructor(beforeChange: () => void) {
		this.beforeChange = beforeChange;
	}

	/** Resolves when the first lists are in. Rejects when the kubeconfig cannot be read or the API server not be reached. */
	async start(kubeconfig: string): Promise<void> {
		const config = new KubeConfig();
		config.loadFromFile(kubeconfig);
		const api = config.makeApiClient(CoreV1Api);
		const nodes = makeInformer<V1Node>(config, "/api/v1/nodes", () => api.listNode());
		const pods = makeInformer<V1Pod>(config, "/api/v1/pods", () => api.listPodForAllNamespaces());
		// Both lists must work once: afterwards lost connections are retried for ever.
		await Promise.all([
			this.follow(nodes, (node) => this.put(this.nodes, node.metadata?.name, clusterNode(node))),
			this.follow(pods, (pod) => this.put(this.pods, podKey(pod), runningPod(pod))),
		]);
		nodes.on("delete", (node) => this.put(this.nodes, node.metadata?.name, undefined));
		pods.on("delete", (pod) => this.put(this.pods, podKey(pod), undefined));
	}

	async stop(): Promise<void> {
		this.stopped = true;
		for (const retry of this.retries) clearTimeout(retry);
		await Promise.all(this.informers.map((informer) => informer.stop()));
	}

	private async follow<T extends KubernetesObject>(informer: Informer<T>, take: (object: T) => void): Promise<void> {
		informer.on("add", take);
		informer.on("update", take);
		informer.on("error", () => this.retry(informer));
		this.informers.push(informer);
		await informer.start();
	}

	private retry<T extends KubernetesObject>(informer: Informer<T>): void {
		if (this.stopped) return;
		const timer = setTimeout(() => {
			this.retries.delete(timer);
			informer.start().catch(() => this.retry(informer));
		}, RETRY_MS);
		this.retries.add(timer);
	}

	private put<V>(map: Map<string, V>, key: string | undefined, value: V | undefined): void {
		if (key === undefined) return;
		this.beforeChange();
		if (value === undefined) map.delete(key);
		else map.set(key, value);
	}
}

function clusterNode(node: V1Node): ClusterNode | undefined {
	const name = node.metadata?.name;
	if (name === undefined) return undefined;
	return {
		name,
		ready: isTrue(node.status?.conditions, "Ready"),
		cores: parseQuantity(node.status?.capacity?.["cpu"] ?? "") ?? 1,
		memory: parseQuantity(node.status?.capacity?.["memory"] ?? "") ?? 0,
	};
}

function podKey(pod: V1Pod): string {
	return `${pod.metadata?.namespace}/${pod.metadata?.name}`;
}

/** A running pod of a Deployment; `undefined` for any other. */
function runningPod(pod: V1Pod): RunningPod | undefined {
	const { namespace, name, deletionTimestamp } = pod.metadata ?? {};
	const node = pod.spec?.nodeName;
	const deployment = deploymentOf(pod);
	if (!namespace || !name || !node || !deployment || pod.status?.phase !== "Running") return undefined;
	const serving = deletionTimestamp === undefined && isTrue(pod.status.conditions, "Ready");
	return { namespace, name, deployment, node, serving };
}

/** A Deployment's ReplicaSet is named after it and the hash of its pod template. */
function deploymentOf(pod: V1Pod): string | undefined {
	const owner = pod.metadata?.ownerReferences?.find(({ controller, kind }) => controller && kind === "ReplicaSet");
	const hash = pod.metadata?.labels?.["pod-template-hash"];
	return owner && hash && owner.name.endsWith(`-${hash}`) ? owner.name.slice(0, -hash.length - 1) : undefined;
}

function isTrue(conditions: readonly { type: string; status: string }[] | undefined, type: string): boolean {
	return conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}
