import type { Pod } from "../cluster/pod.ts";
import type { NodeSelectorTerm } from "../cluster/selectors.ts";

/** A pod as admission sees it, before it exists. */
export interface AdmissionPod
	extends Pick<Pod, "namespace" | "name" | "labels" | "annotations" | "nodeName" | "workload" | "scheduling"> {
	/** Identifies the pod's reservation: its uid where the API server has given one, else the review's. */
	readonly uid: string;
	/** Kind of the controlling owner. */
	readonly ownerKind: string | undefined;
	/** Terms of its preferred node affinity. */
	readonly preferredNodeAffinity: readonly NodeSelectorTerm[];
}
