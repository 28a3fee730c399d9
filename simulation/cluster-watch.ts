import { setTimeout as sleep } from "node:timers/promises";
import { KubernetesConnection } from "../src/adapters/kubernetes/connection.ts";
import { SILENT } from "../src/adapters/kubernetes/log.ts";
import { Reflector, type Sink } from "../src/adapters/kubernetes/reflector.ts";
import { clusterNode, runningPod } from "./cluster-objects.ts";
import type { ClusterNode, ClusterView, RunningPod } from "./cluster-view.ts";

/** Follows nodes and pods of a real API server, and says before each change that one is coming. */
export class ClusterWatch implements ClusterView {
	readonly nodes = new Map<string, ClusterNode>();
	readonly pods = new Map<string, RunningPod>();
	private readonly beforeChange: () => void;
	private reflectors: readonly Reflector[] = [];
	private connection: KubernetesConnection | undefined;

	constructor(beforeChange: () => void) {
		this.beforeChange = beforeChange;
	}

	/**
	 * Resolves when the first lists are in; lost connections are retried for ever afterwards.
	 * @throws KubeConfigError or ApiError, each in one line
	 */
	async start(kubeconfig: string): Promise<void> {
		const connection = KubernetesConnection.open({ files: [kubeconfig] });
		this.connection = connection;
		await connection.request({ path: "/api/v1/nodes", query: { limit: 1 } });
		this.reflectors = [
			new Reflector({ connection, log: SILENT, path: "/api/v1/nodes", sink: this.sink(this.nodes, clusterNode) }),
			new Reflector({ connection, log: SILENT, path: "/api/v1/pods", sink: this.sink(this.pods, runningPod) }),
		];
		for (const reflector of this.reflectors) reflector.start();
		while (!this.reflectors.every(({ ready }) => ready)) await sleep(10);
	}

	async stop(): Promise<void> {
		await Promise.all(this.reflectors.map((reflector) => reflector.stop()));
		this.connection?.close();
	}

	private sink<V>(map: Map<string, V>, read: (object: unknown) => V | undefined): Sink {
		const remove = (key: string): void => {
			if (!map.has(key)) return;
			this.beforeChange();
			map.delete(key);
		};
		const put = (key: string, object: unknown): void => {
			const value = read(object);
			if (value === undefined) return remove(key);
			this.beforeChange();
			map.set(key, value);
		};
		return { put, remove, keys: () => map.keys() };
	}
}
