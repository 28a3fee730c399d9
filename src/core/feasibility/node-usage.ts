import type { HostPort, Pod } from "../cluster/pod.ts";

/** What the pods of one node hold. */
export interface NodeUsage {
	readonly pods: readonly Pod[];
	/** Sum of the requests, by resource name. */
	readonly requested: ReadonlyMap<string, number>;
	readonly hostPorts: readonly HostPort[];
}

const NOTHING: NodeUsage = { pods: [], requested: new Map(), hostPorts: [] };

/**
 * Sums are kept per set of pods and used again while the set holds the very same pods: comparing thirty
 * references is much cheaper than adding up their requests, and 5,000 nodes are asked about at once.
 */
const remembered = new WeakMap<ReadonlySet<Pod>, NodeUsage>();

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

/** What `pods` hold, without those in `except`. */
export function nodeUsage(pods: ReadonlySet<Pod> | undefined, except: ReadonlySet<string>): NodeUsage {
	if (!pods || pods.size === 0) return NOTHING;
	const earlier = remembered.get(pods);
	const usage = earlier && holdsTheSame(pods, earlier.pods) ? earlier : sum([...pods]);
	if (usage !== earlier) remembered.set(pods, usage);
	if (except.size === 0) return usage;
	const remaining = usage.pods.filter((pod) => !except.has(pod.uid));
	return remaining.length === usage.pods.length ? usage : sum(remaining);
}
