import type { WorkloadKey } from "../cluster/workload.ts";
import type { Objective } from "../policy/policy.ts";

/** What is known of a workload when its features are asked for. */
export interface Situation {
	readonly workload: WorkloadKey;
	readonly objective: Objective;
	/** Pods that run now, by node name. */
	readonly currentNodes: ReadonlyMap<string, number>;
	/** Measurements before this time (ms) speak of other nodes than the current ones; absent: all count. */
	readonly settledSince: number | undefined;
	/** CPU request of one pod, in cores. */
	readonly cpuRequest: number;
	/** CPU limit of one pod, in cores; absent: none. */
	readonly cpuLimit: number | undefined;
	/** That of the pods that run now, whose measurements it has shaped; absent: none. Another one after a change of the template. */
	readonly currentCpuLimit: number | undefined;
	readonly replicas: number;
}

export function runningPods(situation: Pick<Situation, "currentNodes">): number {
	let pods = 0;
	for (const count of situation.currentNodes.values()) pods += count;
	return pods;
}

/**
 * Whether the pod in question comes on top of those that run: then it adds load to their nodes too.
 * Otherwise it takes the place of one, and measurements of the node where that runs hold its load already.
 */
export function isAdditional(situation: Pick<Situation, "currentNodes" | "replicas">): boolean {
	return runningPods(situation) < situation.replicas;
}
