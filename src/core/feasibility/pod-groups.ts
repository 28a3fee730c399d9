import type { Node } from "../cluster/node.ts";
import type { Pod } from "../cluster/pod.ts";
import type { PlacedGroup, PlacedPod } from "./placed-pods.ts";

class Group implements PlacedGroup {
	readonly namespace: string;
	readonly labels: Pod["labels"];
	readonly podAntiAffinity: Pod["scheduling"]["podAntiAffinity"];
	readonly rows = new Map<Pod, number>();
	private readonly nodeOf: (row: number) => Node;

	constructor({ namespace, labels, scheduling }: Pod, nodeOf: (row: number) => Node) {
		this.namespace = namespace;
		this.labels = labels;
		this.podAntiAffinity = scheduling.podAntiAffinity;
		this.nodeOf = nodeOf;
	}

	*placed(): Generator<PlacedPod> {
		for (const [pod, row] of this.rows) yield { pod, node: this.nodeOf(row) };
	}
}

/** The pods on all nodes in groups, so that a selector is tried once for all replicas; kept up pod by pod. */
export class PodGroups implements Iterable<PlacedGroup> {
	private readonly nodeOf: (row: number) => Node;
	private readonly groups = new Map<string, Group>();
	private readonly withAntiAffinity = new Set<Group>();
	private readonly keys = new WeakMap<object, string>();

	constructor(nodeOf: (row: number) => Node) {
		this.nodeOf = nodeOf;
	}

	[Symbol.iterator](): Iterator<PlacedGroup> {
		return this.groups.values();
	}

	jealous(): Iterable<PlacedGroup> {
		return this.withAntiAffinity;
	}

	add(pod: Pod, row: number): void {
		const key = this.keyOf(pod);
		let group = this.groups.get(key);
		if (!group) {
			group = new Group(pod, this.nodeOf);
			this.groups.set(key, group);
			if (group.podAntiAffinity.length > 0) this.withAntiAffinity.add(group);
		}
		group.rows.set(pod, row);
	}

	remove(pod: Pod): void {
		const key = this.keyOf(pod);
		const group = this.groups.get(key);
		if (!group?.rows.delete(pod) || group.rows.size > 0) return;
		this.groups.delete(key);
		this.withAntiAffinity.delete(group);
	}

	clear(): void {
		this.groups.clear();
		this.withAntiAffinity.clear();
	}

	private keyOf({ namespace, labels, scheduling }: Pod): string {
		return `${namespace} ${this.textOf(labels)} ${this.textOf(scheduling.podAntiAffinity)}`;
	}

	/** Replicas share these objects, so each is written out once. */
	private textOf(value: object): string {
		let text = this.keys.get(value);
		if (text === undefined) {
			text = JSON.stringify(value);
			this.keys.set(value, text);
		}
		return text;
	}
}
