import type { HostPort, Pod } from "../cluster/pod.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";

/** What the pods of one node hold. */
export interface NodeUsage {
	readonly pods: readonly Pod[];
	/** Sum of the requests, by resource name. */
	readonly requested: ReadonlyMap<string, number>;
	readonly hostPorts: readonly HostPort[];
}

const NOTHING: NodeUsage = { pods: [], requested: new Map(), hostPorts: [] };

interface Remembered extends NodeUsage {
	readonly revision: number | undefined;
}

/**
 * Sums are kept per set of pods and used again while it holds the very same pods. The caches' revision
 * tells so at once; without one, comparing references is still cheaper than adding up requests.
 */
const remembered = new WeakMap<ReadonlySet<Pod>, Remembered>();

function holdsTheSame(pods: ReadonlySet<Pod>, earlier: readonly Pod[]): boolean {
	if (pods.size !== earlier.length) return false;
	let index = 0;
	for (const pod of pods) {
		if (earlier[index] !== pod) return false;
		index += 1;
	}
	return true;
}

function sum(pods: readonly Pod[]): NodeUsage {
	const requested = new Map<string, number>();
	const hostPorts: HostPort[] = [];
	for (const { scheduling } of pods) {
		hostPorts.push(...scheduling.hostPorts);
		for (const [name, amount] of Object.entries(scheduling.requests)) {
			requested.set(name, (requested.get(name) ?? 0) + amount);
		}
	}
	return { pods, requested, hostPorts };
}

function remember(pods: ReadonlySet<Pod>, revision: number | undefined): NodeUsage {
	const earlier = remembered.get(pods);
	if (earlier && revision !== undefined && earlier.revision === revision) return earlier;
	if (earlier && revision === undefined && holdsTheSame(pods, earlier.pods)) return earlier;
	const usage = { ...sum([...pods]), revision };
	remembered.set(pods, usage);
	return usage;
}

/** Reads what the pods of a node hold, without those that `pod` replaces. */
export function usageReader(
	{ replacing }: Pick<PodToPlace, "replacing">,
	{ pods, podsByNode, podRevisions }: FeasibilityContext["cluster"],
): (node: string) => NodeUsage {
	const ownNodes = new Set<string | undefined>();
	for (const uid of replacing) ownNodes.add(pods.get(uid)?.nodeName);
	return (node) => {
		const there = podsByNode.get(node);
		if (!there || there.size === 0) return NOTHING;
		const usage = remember(there, podRevisions?.get(node));
		return ownNodes.has(node) ? sum(usage.pods.filter((pod) => !replacing.has(pod.uid))) : usage;
	};
}
