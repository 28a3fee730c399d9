/** A pod as the world sees it. */
export interface RunningPod {
	readonly namespace: string;
	readonly name: string;
	/** Name of the Deployment that owns it. */
	readonly deployment: string;
	readonly node: string;
	/** Ready and not terminating: it gets requests. */
	readonly serving: boolean;
}

export interface ClusterNode {
	readonly name: string;
	readonly ready: boolean;
	readonly cores: number;
	/** Bytes. */
	readonly memory: number;
}

/** Where pods run, by the API server. Keys: node name, and `namespace/name` of a running pod. */
export interface ClusterView {
	readonly nodes: ReadonlyMap<string, ClusterNode>;
	readonly pods: ReadonlyMap<string, RunningPod>;
}
