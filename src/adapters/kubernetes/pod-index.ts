import { occupiesNode, type Pod } from "../../core/cluster/pod.ts";
import type { WorkloadKey } from "../../core/cluster/workload.ts";

/** Pods by what placement asks for, kept up pod by pod. */
export class PodIndex {
	readonly byUid = new Map<string, Pod>();
	readonly byNode = new Map<string, Set<Pod>>();
	/** Changes with every change among the pods of a node. */
	readonly revisions = new Map<string, number>();
	/** Changes with every change among the pods of any node. */
	revision = 0;
	readonly byWorkload = new Map<WorkloadKey, Set<Pod>>();
	/** Those that occupy a node and keep others away from it. */
	readonly withAntiAffinity = new Set<Pod>();

	/** A pod that is new (no `before`), changed, or gone (no `after`). */
	replace(before: Pod | undefined, after: Pod | undefined): void {
		if (before) this.drop(before);
		if (after) this.add(after);
		for (const node of new Set([before?.nodeName, after?.nodeName])) {
			if (node === undefined) continue;
			this.revision += 1;
			this.revisions.set(node, (this.revisions.get(node) ?? 0) + 1);
		}
	}

	private add(pod: Pod): void {
		this.byUid.set(pod.uid, pod);
		if (pod.workload !== undefined) addTo(this.byWorkload, pod.workload, pod);
		if (pod.nodeName === undefined || !occupiesNode(pod)) return;
		addTo(this.byNode, pod.nodeName, pod);
		if (pod.scheduling.podAntiAffinity.length > 0) this.withAntiAffinity.add(pod);
	}

	private drop(pod: Pod): void {
		if (this.byUid.get(pod.uid) === pod) this.byUid.delete(pod.uid);
		this.withAntiAffinity.delete(pod);
		if (pod.workload !== undefined) dropFrom(this.byWorkload, pod.workload, pod);
		if (pod.nodeName !== undefined) dropFrom(this.byNode, pod.nodeName, pod);
	}
}

function addTo<K>(sets: Map<K, Set<Pod>>, key: K, pod: Pod): void {
	const set = sets.get(key);
	if (set) set.add(pod);
	else sets.set(key, new Set([pod]));
}

function dropFrom<K>(sets: Map<K, Set<Pod>>, key: K, pod: Pod): void {
	const set = sets.get(key);
	set?.delete(pod);
	if (set?.size === 0) sets.delete(key);
}
