import { HOSTNAME_KEY } from "../cluster/node.ts";
import { occupiesNode, type Pod, unschedulableFor } from "../cluster/pod.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { Workload, WorkloadKey } from "../cluster/workload.ts";
import { governing } from "../policy/governing.ts";
import { duration } from "../recommendation/format.ts";
import { type Pin, pinOf, placementOf } from "./annotations.ts";
import type { Command } from "./command.ts";
import { disruptionRefusal } from "./disruption.ts";
import { domainLoss } from "./domain.ts";
import { EvictionBackoff } from "./eviction-backoff.ts";
import { NodeOutage } from "./node-outage.ts";
import type { Because } from "./outcome.ts";

export interface ReleaseInput {
	readonly cluster: ClusterState;
	/** How long a pod may be unschedulable before what pins it is released. */
	readonly graceSeconds: number;
	/** ms since the epoch. */
	readonly now: number;
	/** Keep one for the life of the process; without it only the grace holds evictions back. */
	readonly backoff?: EvictionBackoff | undefined;
	/** With the nodes as they are now; keep one for the life of the process. Absent: there was no outage before. */
	readonly outage?: NodeOutage | undefined;
	/** Releases and evictions per call. */
	readonly limit?: number | undefined;
}

const DEFAULT_LIMIT = 10;

/**
 * What must be let go now, so that no pod is stranded by a pin of ours: pins in templates whose place is
 * lost or full, and pods that admission pinned to such a place. A workload that is being moved is left
 * to its migration, which undoes itself. Where no node is ready, nothing is let go: there is nowhere to go.
 */
export function releases(given: ReleaseInput): Command[] {
	const input = { ...given, outage: given.outage ?? firstSight(given) };
	const { cluster, limit = DEFAULT_LIMIT, now, outage } = input;
	if (outage.isFull) return [];
	const moving = workloadsInMotion(cluster);
	const released: Command[][] = [];
	for (const workload of cluster.workloads.values()) {
		const pin = moving.has(workload.key) ? undefined : pinOf(workload);
		const because = pin && reasonToRelease(workload, pin, input);
		if (!pin || !because) continue;
		if (because.reason === NOT_READY) outage.record(now);
		released.push(release(workload, pin, because));
	}
	const evicted = strandedPods(input, Math.max(0, limit - released.length));
	return [...released.slice(0, limit).flat(), ...evicted];
}

type Look = ReleaseInput & { readonly outage: NodeOutage };

const NOT_READY = "NodeNotReady";

function firstSight({ cluster, now }: ReleaseInput): NodeOutage {
	const outage = new NodeOutage(0);
	outage.observe(cluster.nodes, now);
	return outage;
}

/** Why its place is lost, as far as that is believed now. */
function lossOf(pin: Pin, { cluster, outage, now }: Look): Because | undefined {
	const loss = domainLoss(cluster.nodes, pin.topologyKey, pin.domain);
	return loss?.reason === NOT_READY && !outage.allows(now) ? undefined : loss;
}

function workloadsInMotion({ migrations }: ClusterState): ReadonlySet<WorkloadKey> {
	const moving = new Set<WorkloadKey>();
	for (const { workload, status } of migrations.values()) {
		if (status.phase === "Rolling" || status.phase === "Verifying") moving.add(workload);
	}
	return moving;
}

/** Reasons under which pods still run: their pin goes only where a rollout does no harm. */
const HARMLESS_FIRST: ReadonlySet<string> = new Set(["NodeCordoned", "TopologyKeyChanged"]);

/** A pin under a key that the policy chooses by no longer: a move under the new key would leave it behind. */
function keyChanged(workload: Workload, pin: Pin, cluster: ClusterState): Because | undefined {
	const policy = governing(workload, cluster.policies.values())?.policy;
	if (!policy || policy.suspend || policy.mode === "Off") return undefined;
	const { topologyKey } = policy.placement;
	if (topologyKey === pin.topologyKey) return undefined;
	return { reason: "TopologyKeyChanged", message: `policy ${policy.name} chooses by ${topologyKey} now` };
}

/**
 * On a cordoned node pods still run: their pin is released early, so that a drain finds them gone, but
 * only where a rollout does no harm. On a lost or full one nothing is left to be harmed.
 */
function reasonToRelease(workload: Workload, pin: Pin, input: Look): Because | undefined {
	const { cluster } = input;
	if (pin.topologyKey === HOSTNAME_KEY && workload.replicas > 1) {
		const message = `${workload.replicas} replicas must not be pinned to ${pin.domain} alone`;
		return { reason: "SeveralReplicas", message };
	}
	const loss = lossOf(pin, input) ?? keyChanged(workload, pin, cluster);
	if (loss && (!HARMLESS_FIRST.has(loss.reason) || !disruptionRefusal(workload, cluster))) return loss;
	for (const pod of cluster.podsByWorkload.get(workload.key) ?? []) {
		if (pod.scheduling.nodeSelector[pin.topologyKey] === pin.domain && isStuck(pod, input)) {
			return { reason: "Unschedulable", message: `pod ${pod.name} finds no room on ${pin.domain}` };
		}
	}
	return undefined;
}

function isStuck(pod: Pod, { graceSeconds, now }: ReleaseInput): boolean {
	return pod.phase === "Pending" && (unschedulableFor(pod, now) ?? 0) > graceSeconds * 1000;
}

function release(workload: Workload, pin: Pin, { reason, message }: Because): Command[] {
	const { key, resourceVersion } = workload;
	const { topologyKey, restore, domain } = pin;
	const text = `released from ${topologyKey}=${domain}: ${message}`;
	return [
		{ kind: "ReleaseWorkload", workload: key, resourceVersion, topologyKey, restore, reason, message },
		{ kind: "RecordEvent", workload: key, type: "Warning", reason: "QoSUnpinned", message: text },
	];
}

/** One pod per workload and call: its successor shows first whether that helped. */
function strandedPods(input: Look, limit: number): Command[] {
	const { cluster, graceSeconds, now, outage, backoff = new EvictionBackoff() } = input;
	const commands: Command[] = [];
	let evictions = 0;
	for (const [key, pods] of cluster.podsByWorkload) {
		if (evictions >= limit) break;
		if (!backoff.allows(key, graceSeconds * 1000, now)) continue;
		const stranded = firstStranded(pods, input);
		if (!stranded) continue;
		backoff.record(key, graceSeconds * 1000, now);
		if (stranded.because.reason === NOT_READY) outage.record(now);
		evictions += 1;
		commands.push(...eviction(key, stranded.pod, stranded.because));
	}
	return commands;
}

function firstStranded(pods: ReadonlySet<Pod>, input: Look) {
	for (const pod of pods) {
		const because = reasonToEvict(pod, input);
		if (because) return { pod, because };
	}
	return undefined;
}

/**
 * Pods that admission pinned, which nobody else can free: unschedulable ones, and those on a node that is
 * not ready or gone. Never one that runs on a cordoned node: it serves, and draining is not our task.
 * A pod pinned by its template would come back with the same pin, so it waits for the template.
 */
function reasonToEvict(pod: Pod, input: Look): Because | undefined {
	// Reading the annotation comes last: few pods are in trouble, and all are looked at every time.
	const because = pod.terminating ? undefined : trouble(pod, input);
	return because && isPinnedByAdmission(pod) ? because : undefined;
}

function trouble(pod: Pod, input: Look): Because | undefined {
	if (isStuck(pod, input)) {
		const message = `it found no room for ${duration(input.graceSeconds * 1000)}`;
		return { reason: "Unschedulable", message };
	}
	if (!occupiesNode(pod) || pod.nodeName === undefined) return undefined;
	const node = input.cluster.nodes.get(pod.nodeName);
	if (!node) return { reason: "NodeGone", message: `its node ${pod.nodeName} is gone` };
	if (node.ready || !input.outage.allows(input.now)) return undefined;
	return { reason: NOT_READY, message: `its node ${pod.nodeName} is not ready` };
}

function isPinnedByAdmission(pod: Pod): boolean {
	const placement = placementOf(pod.annotations);
	if (placement?.domain === undefined) return false;
	if (placement.migration !== undefined || placement.reverts !== undefined) return false;
	return Object.values(pod.scheduling.nodeSelector).includes(placement.domain);
}

function eviction(workload: WorkloadKey, pod: Pod, { reason, message }: Because): Command[] {
	const { namespace, name, uid } = pod;
	const text = `pod ${name} is evicted, to be placed anew: ${message}`;
	return [
		{ kind: "EvictPod", namespace, name, uid, workload, reason, message },
		{ kind: "RecordEvent", workload, type: "Warning", reason: "QoSUnpinned", message: text },
	];
}
