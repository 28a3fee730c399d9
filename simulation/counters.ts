/** What a node's exporter has counted since the node came up. */
export interface NodeCounters {
	readonly name: string;
	cores: number;
	memoryTotal: number;
	memoryUsed: number;
	/** Core seconds; user and system share one ratio. */
	busySeconds: number;
	idleSeconds: number;
	diskBytes: number;
	networkBytes: number;
	joules: number;
}

/** What a pod and the kubelet beside it have counted since the pod started. */
export interface PodCounters {
	readonly namespace: string;
	readonly name: string;
	readonly node: string;
	readonly hasFrames: boolean;
	cpuSeconds: number;
	requests: number;
	/** Sum over all requests. */
	requestSeconds: number;
	frames: number;
}

export function newNodeCounters(name: string): NodeCounters {
	return {
		name,
		cores: 0,
		memoryTotal: 0,
		memoryUsed: 0,
		busySeconds: 0,
		idleSeconds: 0,
		diskBytes: 0,
		networkBytes: 0,
		joules: 0,
	};
}

export function newPodCounters(pod: Pick<PodCounters, "namespace" | "name" | "node" | "hasFrames">): PodCounters {
	return { ...pod, cpuSeconds: 0, requests: 0, requestSeconds: 0, frames: 0 };
}
