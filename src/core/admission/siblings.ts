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
	/** How many are on a node; counted when asked, since a choice looks at few nodes. */
	on(node: string): number;
}

/** `podsOn`: all pods of a node, those on their way to it included. */
export function siblingsOf(
	pod: AdmissionPod,
	{ key, replicas }: Workload,
	podsOn: (node: string) => Iterable<Pod>,
): Siblings {
	const template = pod.labels[TEMPLATE_LABEL] ?? "";
	return {
		template,
		replicas,
		on(node) {
			// A single pod that is replaced has no siblings.
			if (replicas < 2) return 0;
			let count = 0;
			for (const other of podsOn(node)) {
				if (other.workload !== key || other.uid === pod.uid || other.terminating || !occupiesNode(other)) continue;
				if ((other.labels[TEMPLATE_LABEL] ?? "") === template) count += 1;
			}
			return count;
		},
	};
}
