import type { Pod, SchedulingSpec } from "../cluster/pod.ts";
import type { ClusterState } from "../cluster/state.ts";
import { LayeredMap } from "./layered-map.ts";
import type { AdmissionPod } from "./pod.ts";

/**
 * Pods that were admitted and are not seen bound yet, standing where they were sent: without them the
 * next replica, milliseconds later, would not see what this one takes and forbids (anti-affinity, spread,
 * host ports).
 */
export class StandIns {
	private readonly byId = new Map<string, Pod>();
	private readonly byNode = new Map<string, Set<Pod>>();
	private withAntiAffinity = 0;
	private withHostPorts = 0;

	/** Under the id of the pod's reservation, which the stand-in's requests then replace. */
	add(pod: AdmissionPod, node: string, now: number): void {
		this.remove(pod.uid);
		const standIn: Pod = {
			uid: pod.uid,
			namespace: pod.namespace,
			name: pod.name,
			labels: pod.labels,
			annotations: pod.annotations,
			nodeName: node,
			phase: "Pending",
			ready: false,
			terminating: false,
			createdAt: now,
			unschedulableSince: undefined,
			workload: pod.workload,
			scheduling: pod.scheduling,
		};
		this.byId.set(pod.uid, standIn);
		this.byNode.set(node, (this.byNode.get(node) ?? new Set<Pod>()).add(standIn));
		this.count(standIn, 1);
	}

	on(node: string): Iterable<Pod> {
		return this.byNode.get(node) ?? [];
	}

	remove(id: string): void {
		const standIn = this.byId.get(id);
		if (!standIn) return;
		this.byId.delete(id);
		const onNode = this.byNode.get(standIn.nodeName ?? "");
		onNode?.delete(standIn);
		if (onNode?.size === 0) this.byNode.delete(standIn.nodeName ?? "");
		this.count(standIn, -1);
	}

	/**
	 * The cluster with the stand-ins in it, as live as the cluster itself. Where they can matter by their
	 * requests alone it is the cluster as it is: their reservations hold these.
	 */
	within(cluster: ClusterState, { scheduling }: Pick<AdmissionPod, "scheduling">): ClusterState {
		if (this.byId.size === 0 || !this.canMatterTo(scheduling)) return cluster;
		return {
			...cluster,
			pods: new LayeredMap(cluster.pods, this.byId, (bound) => bound),
			podsByNode: new LayeredMap<string, ReadonlySet<Pod>>(
				cluster.podsByNode,
				this.byNode,
				(bound, standIns) => new Set([...bound, ...standIns]),
			),
			// Stand-ins come and go without a change among the pods that are bound.
			revisions: undefined,
			podRevisions: undefined,
			podsWithAntiAffinity: this.antiAffine(cluster.podsWithAntiAffinity),
		};
	}

	private canMatterTo(pod: SchedulingSpec): boolean {
		const { podAffinity, podAntiAffinity, topologySpread, volumeClaims } = pod;
		const looksAtPods = podAffinity.length + podAntiAffinity.length + topologySpread.length + volumeClaims.length > 0;
		return looksAtPods || this.withAntiAffinity > 0 || (pod.hostPorts.length > 0 && this.withHostPorts > 0);
	}

	private count({ scheduling }: Pod, by: 1 | -1): void {
		if (scheduling.podAntiAffinity.length > 0) this.withAntiAffinity += by;
		if (scheduling.hostPorts.length > 0) this.withHostPorts += by;
	}

	private antiAffine(bound: ReadonlySet<Pod> | undefined): ReadonlySet<Pod> | undefined {
		if (this.withAntiAffinity === 0 || !bound) return bound;
		const own = [...this.byId.values()].filter(({ scheduling }) => scheduling.podAntiAffinity.length > 0);
		return new Set([...bound, ...own]);
	}
}
