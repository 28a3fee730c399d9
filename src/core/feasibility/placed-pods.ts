import type { Node } from "../cluster/node.ts";
import { occupiesNode, type Pod, type PodAffinityTerm } from "../cluster/pod.ts";
import type { FeasibilityContext } from "./pod-to-place.ts";

export interface PlacedPod {
	readonly pod: Pod;
	readonly node: Node;
}

/** Pods that hold room on nodes and that every selector and term treats alike, such as replicas. */
export interface PlacedGroup {
	readonly namespace: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly podAntiAffinity: readonly PodAffinityTerm[];
	placed(): Iterable<PlacedPod>;
}

/** Every pod that holds room on a node that is known: in the groups that are kept, else each for itself. */
export function placedGroups({ cluster, groups }: FeasibilityContext): Iterable<PlacedGroup> {
	return groups ?? eachForItself(cluster.pods.values(), cluster.nodes);
}

/** Those of them that keep other pods away. */
export function jealousGroups({ cluster, groups }: FeasibilityContext): Iterable<PlacedGroup> {
	return groups?.jealous() ?? eachForItself(cluster.podsWithAntiAffinity ?? cluster.pods.values(), cluster.nodes);
}

function* eachForItself(pods: Iterable<Pod>, nodes: ReadonlyMap<string, Node>): Generator<PlacedGroup> {
	for (const pod of pods) {
		const node = pod.nodeName === undefined ? undefined : nodes.get(pod.nodeName);
		if (!node || !occupiesNode(pod)) continue;
		const { namespace, labels, scheduling } = pod;
		yield { namespace, labels, podAntiAffinity: scheduling.podAntiAffinity, placed: () => [{ pod, node }] };
	}
}
