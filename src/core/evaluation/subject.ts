import type { Node } from "../cluster/node.ts";
import type { Pod } from "../cluster/pod.ts";
import { occupiesNode, servingSince } from "../cluster/pod.ts";
import { selects } from "../cluster/selectors.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { Workload } from "../cluster/workload.ts";
import { governing } from "../policy/governing.ts";
import type { Placement, Policy } from "../policy/policy.ts";
import { type Places, placesOf } from "../recommendation/candidates.ts";

/** A governed Deployment with where its pods are now. */
export interface Subject {
	readonly workload: Workload;
	readonly policy: Policy;
	/** Policies that select it too, in vain: they are younger. */
	readonly conflicting: readonly Policy[];
	/** Its pods that hold a node and are not going away. */
	readonly pods: readonly Pod[];
	readonly currentNodes: ReadonlyMap<string, number>;
	/** The node most of its pods are on; the first by name among equals. */
	readonly currentNode: string | undefined;
	/** When the newest of its pods began to serve (ms): measurements from before speak of another placement. */
	readonly settledSince: number | undefined;
}

/** Every selected Deployment that a policy governs, in the order of the caches. */
export function subjectsOf(
	cluster: ClusterState,
	isSelected: (workload: Workload, policy: Policy) => boolean,
): Subject[] {
	const policiesByNamespace = new Map<string, Policy[]>();
	for (const policy of cluster.policies.values()) {
		const inNamespace = policiesByNamespace.get(policy.namespace) ?? [];
		inNamespace.push(policy);
		policiesByNamespace.set(policy.namespace, inNamespace);
	}
	const subjects: Subject[] = [];
	for (const workload of cluster.workloads.values()) {
		const governance = governing(workload, policiesByNamespace.get(workload.namespace) ?? []);
		if (governance && isSelected(workload, governance.policy)) {
			subjects.push(subjectOf({ workload, ...governance }, cluster));
		}
	}
	return subjects;
}

/** Where a governed Deployment is now. */
export function subjectOf(
	governed: Pick<Subject, "workload" | "policy" | "conflicting">,
	cluster: ClusterState,
): Subject {
	const pods = [...(cluster.podsByWorkload.get(governed.workload.key) ?? [])].filter(
		(pod) => occupiesNode(pod) && !pod.terminating,
	);
	const currentNodes = new Map<string, number>();
	let settledSince: number | undefined;
	for (const pod of pods) {
		const node = pod.nodeName as string;
		currentNodes.set(node, (currentNodes.get(node) ?? 0) + 1);
		settledSince = Math.max(settledSince ?? 0, servingSince(pod));
	}
	return { ...governed, pods, currentNodes, currentNode: mostUsed(currentNodes), settledSince };
}

function mostUsed(counts: ReadonlyMap<string, number>): string | undefined {
	let best: [string, number] | undefined;
	for (const [node, count] of counts) {
		if (!best || count > best[1] || (count === best[1] && node < best[0])) best = [node, count];
	}
	return best?.[0];
}

/**
 * Lists of candidate nodes, one per distinct placement: predictions remember their rows by array.
 */
export class CandidateLists {
	private readonly nodes: ReadonlyMap<string, Node>;
	private readonly lists = new Map<string, Places>();

	constructor(nodes: ReadonlyMap<string, Node>) {
		this.nodes = nodes;
	}

	/** Nodes that the policy may choose, and those where the workload is. */
	of(subject: Pick<Subject, "policy" | "currentNodes">): Places {
		const { placement } = subject.policy;
		const list = this.allowedBy(placement);
		const elsewhere = [...subject.currentNodes.keys()].filter((name) => {
			const node = this.nodes.get(name);
			return node !== undefined && !isCandidate(node, placement);
		});
		if (elsewhere.length === 0) return list;
		const domains = elsewhere.map((name) => this.nodes.get(name)?.labels[placement.topologyKey] ?? name);
		return placesOf([...list.nodes, ...elsewhere], [...list.domains, ...domains]);
	}

	private allowedBy(placement: Placement): Places {
		const key = JSON.stringify([placement.topologyKey, placement.candidates]);
		let list = this.lists.get(key);
		if (!list) {
			const allowed = [...this.nodes.values()].filter((node) => isCandidate(node, placement));
			list = placesOf(
				allowed.map((node) => node.name),
				allowed.map((node) => node.labels[placement.topologyKey] as string),
			);
			this.lists.set(key, list);
		}
		return list;
	}
}

function isCandidate(node: Node, { topologyKey, candidates }: Placement): boolean {
	return Object.hasOwn(node.labels, topologyKey) && selects(candidates, node.labels);
}
