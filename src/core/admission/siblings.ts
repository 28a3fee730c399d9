import { occupiesNode, type Pod } from "../cluster/pod.ts";
import type { Workload } from "../cluster/workload.ts";
import type { AdmissionPod } from "./pod.ts";

/** Set by the Deployment controller: pods of one template share it. */
const TEMPLATE_LABEL = "pod-template-hash";

/** Where the other replicas of a pod's Deployment are. */
export interface Siblings {
	/** Pods of other templates are on their way out and count nothing. */
	readonly template: string;
	/** Replicas that the Deployment wants in all. */
	readonly replicas: number;
	/** Siblings on each node that has some. */
	readonly byNode: ReadonlyMap<string, number>;
}

/** `pods`: all of the workload. */
export function siblingsOf(pod: AdmissionPod, { replicas }: Workload, pods: Iterable<Pod>): Siblings {
	const template = pod.labels[TEMPLATE_LABEL] ?? "";
	const byNode = new Map<string, number>();
	// A single pod that is replaced has no siblings.
	if (replicas < 2) return { template, replicas, byNode };
	for (const other of pods) {
		const isSibling = other.uid !== pod.uid && (other.labels[TEMPLATE_LABEL] ?? "") === template;
		if (!isSibling || other.terminating || !occupiesNode(other)) continue;
		const node = other.nodeName ?? "";
		byNode.set(node, (byNode.get(node) ?? 0) + 1);
	}
	return { template, replicas, byNode };
}
