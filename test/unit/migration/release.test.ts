import { describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import type { Pod } from "../../../src/core/cluster/pod.ts";
import type { Workload } from "../../../src/core/cluster/workload.ts";
import {
	encodePlacement,
	PLACEMENT_KEY,
	PREVIOUS_PLACEMENT_KEY,
	previousPlacementText,
} from "../../../src/core/migration/annotations.ts";
import type { PlacementRecord } from "../../../src/core/migration/command.ts";
import { EvictionBackoff } from "../../../src/core/migration/eviction-backoff.ts";
import { NodeOutage } from "../../../src/core/migration/node-outage.ts";
import { type ReleaseInput, releases } from "../../../src/core/migration/release.ts";
import {
	type ClusterParts,
	cluster,
	MINUTE,
	migration,
	node,
	pod,
	policy,
	scheduling,
	workload,
} from "../cluster-core/builders.ts";

const RECORD: PlacementRecord = { domain: "b", policy: "latency", observedAt: "2026-11-24T12:00:00Z" };
const ON_B = scheduling({ nodeSelector: { [HOSTNAME_KEY]: "b" } });

/** A Deployment that a migration pinned to `b`. */
function pinned(changes: Partial<Workload> = {}): Workload {
	const annotations = { [PLACEMENT_KEY]: encodePlacement({ ...RECORD, migration: "m" }) };
	return workload("web", {
		annotations: { [PREVIOUS_PLACEMENT_KEY]: previousPlacementText({ topologyKey: HOSTNAME_KEY, value: null }) },
		template: { labels: { app: "web" }, annotations, scheduling: ON_B },
		...changes,
	});
}

/** A pod that admission placed on `b`. */
function placed(changes: Partial<Pod> = {}, record: Partial<PlacementRecord> = {}): Pod {
	const annotations = { [PLACEMENT_KEY]: encodePlacement({ ...RECORD, ...record }) };
	return pod("p", { workload: "shop/web", annotations, scheduling: ON_B, ...changes });
}

const BY_ZONE = { topologyKey: "zone", candidates: {}, enforcement: "Required" } as const;

const STUCK = { unschedulableSince: 0 } as const;

function due(parts: ClusterParts, changes: Partial<ReleaseInput> = {}): string[] {
	const state = cluster({ nodes: [node("a"), node("b")], workloads: [workload("web")], ...parts });
	const commands = releases({ cluster: state, graceSeconds: 10, now: MINUTE, ...changes });
	return commands.flatMap((command) =>
		"reason" in command && command.kind !== "RecordEvent" ? [`${command.kind} ${command.reason}`] : [],
	);
}

const on = (changes: Partial<ReturnType<typeof node>>) => [node("a"), node("b", changes)];
const NONE_READY = [node("a", { ready: false }), node("b", { ready: false })];

describe("a pinned template", () => {
	const workloads = [pinned()];

	it.each<[string, ClusterParts, string[]]>([
		["stays while its node can take pods", { workloads }, []],
		[
			"is released from a node that is not ready",
			{ workloads, nodes: on({ ready: false }) },
			["ReleaseWorkload NodeNotReady"],
		],
		["stays while no node is ready: there is nowhere to go", { workloads, nodes: NONE_READY }, []],
		["is released from a node that is gone", { workloads, nodes: [node("a")] }, ["ReleaseWorkload NodeGone"]],
		[
			"is released from a cordoned node",
			{ workloads, nodes: [node("b", { unschedulable: true })] },
			["ReleaseWorkload NodeCordoned"],
		],
		[
			"serves on there if a rollout would hurt",
			{
				workloads: [pinned({ strategy: { type: "Recreate", maxSurge: 0, maxUnavailable: 0 } })],
				nodes: [node("b", { unschedulable: true })],
			},
			[],
		],
		[
			"is released in any case once nothing is left to hurt",
			{
				workloads: [pinned({ strategy: { type: "Recreate", maxSurge: 0, maxUnavailable: 0 } })],
				nodes: on({ ready: false }),
			},
			["ReleaseWorkload NodeNotReady"],
		],
		[
			"is released from a full node",
			{ workloads, pods: [placed(STUCK, { migration: "m" })] },
			["ReleaseWorkload Unschedulable"],
		],
		[
			"waits out the grace",
			{ workloads, pods: [placed({ unschedulableSince: MINUTE - 10_000 }, { migration: "m" })] },
			[],
		],
		[
			"is released when it was scaled out",
			{ workloads: [pinned({ replicas: 3 })] },
			["ReleaseWorkload SeveralReplicas"],
		],
		[
			"is left to a migration that is under way",
			{ workloads, nodes: [node("a")], migrations: [migration("m", { status: { phase: "Rolling" } })] },
			[],
		],
		[
			"is not left to one that has ended",
			{ workloads, nodes: [node("a")], migrations: [migration("m", { status: { phase: "Failed" } })] },
			["ReleaseWorkload NodeGone"],
		],
		[
			"is released when the policy chooses by another key",
			{ workloads, policies: [policy({ placement: BY_ZONE })] },
			["ReleaseWorkload TopologyKeyChanged"],
		],
		["of another key stays under mode Off", { workloads, policies: [policy({ mode: "Off", placement: BY_ZONE })] }, []],
		[
			"of another key stays where a rollout does harm",
			{
				workloads: [pinned({ strategy: { type: "Recreate", maxSurge: 0, maxUnavailable: 1 } })],
				policies: [policy({ placement: BY_ZONE })],
			},
			[],
		],
		["is not ours once the user changed it", { workloads: [pinned({ annotations: {} })], nodes: [node("a")] }, []],
	])("%s", (_title, parts, expected) => {
		expect(due(parts)).toEqual(expected);
	});

	it("gets back what the selector held before", () => {
		const annotations = {
			[PREVIOUS_PLACEMENT_KEY]: previousPlacementText({ topologyKey: HOSTNAME_KEY, value: "old" }),
		};
		const [command, event] = releases({
			cluster: cluster({ nodes: [node("a")], workloads: [pinned({ annotations })] }),
			graceSeconds: 10,
			now: 0,
		});
		expect(command).toMatchObject({
			kind: "ReleaseWorkload",
			topologyKey: HOSTNAME_KEY,
			restore: "old",
			resourceVersion: "1",
		});
		expect(event).toMatchObject({ kind: "RecordEvent", reason: "QoSUnpinned" });
	});
});

describe("a pod that admission pinned", () => {
	it.each<[string, ClusterParts, string[]]>([
		["is evicted when it finds no room", { pods: [placed(STUCK)] }, ["EvictPod Unschedulable"]],
		["has a grace", { pods: [placed({ unschedulableSince: MINUTE - 10_000 })] }, []],
		["runs on", { pods: [placed({ nodeName: "b" })] }, []],
		[
			"runs on while its node is cordoned",
			{ pods: [placed({ nodeName: "b" })], nodes: on({ unschedulable: true }) },
			[],
		],
		[
			"is evicted from a node that is not ready",
			{ pods: [placed({ nodeName: "b" })], nodes: on({ ready: false }) },
			["EvictPod NodeNotReady"],
		],
		["runs on while no node is ready", { pods: [placed({ nodeName: "b" })], nodes: NONE_READY }, []],
		[
			"is evicted from a node that is gone",
			{ pods: [placed({ nodeName: "b" })], nodes: [node("a")] },
			["EvictPod NodeGone"],
		],
		["is not evicted twice", { pods: [placed({ nodeName: "b", terminating: true })], nodes: [node("a")] }, []],
		[
			"is not evicted once it has ended",
			{ pods: [placed({ nodeName: "b", phase: "Failed" })], nodes: [node("a")] },
			[],
		],
		[
			"is let alone when its template pins it: it would come back so",
			{ pods: [placed(STUCK, { migration: "m" })] },
			[],
		],
		["is let alone when a revert pins it", { pods: [placed(STUCK, { reverts: "m" })] }, []],
		["is let alone when it is only preferred there", { pods: [placed({ ...STUCK, scheduling: scheduling() })] }, []],
		["is none of ours without the annotation", { pods: [placed({ ...STUCK, annotations: {} })] }, []],
	])("%s", (_title, parts, expected) => {
		expect(due(parts)).toEqual(expected);
	});

	it("is evicted ever more rarely when that does not help", () => {
		const backoff = new EvictionBackoff();
		const times: number[] = [];
		for (let now = MINUTE; now < 61 * MINUTE; now += 1000) {
			if (due({ pods: [placed(STUCK)] }, { backoff, now }).length > 0) times.push((now - MINUTE) / 1000);
		}
		expect(times).toEqual([0, 20, 60, 140, 300, 620, 1260, 1900, 2540, 3180]);
	});

	it("does not hold back other workloads, and begins afresh after a quiet time", () => {
		const backoff = new EvictionBackoff();
		backoff.record("shop/web", 10_000, 0);
		expect([backoff.allows("shop/web", 10_000, 1), backoff.allows("shop/other", 10_000, 1)]).toEqual([false, true]);
		backoff.record("shop/other", 10_000, 60 * MINUTE);
		backoff.record("shop/web", 10_000, 60 * MINUTE);
		expect(backoff.allows("shop/web", 10_000, 60 * MINUTE + 20_000)).toBe(true);
	});

	it("loses company slowly: one pod per workload and at most the limit per call", () => {
		const pods = Array.from({ length: 20 }, (_, index) =>
			placed({ uid: `u${index}`, name: `p${index}`, workload: `shop/w${index >> 1}`, ...STUCK }),
		);
		expect(due({ pods })).toHaveLength(10);
		expect(due({ pods }, { limit: 3 })).toHaveLength(3);
	});
});

describe("after an outage", () => {
	/** The API server came back now; all nodes but one have reported. */
	function settling(parts: ClusterParts): string[] {
		const outage = new NodeOutage(60);
		outage.observe(cluster(parts).nodes, MINUTE, MINUTE);
		return due(parts, { outage });
	}
	const nodes = on({ ready: false });

	it("a node that has not reported yet keeps what is pinned to it", () => {
		expect(settling({ nodes, workloads: [pinned()] })).toEqual([]);
		expect(settling({ nodes, pods: [placed({ nodeName: "b" })] })).toEqual([]);
	});

	it("what is lost for other reasons is let go all the same", () => {
		expect(settling({ nodes: [node("a")], workloads: [pinned()] })).toEqual(["ReleaseWorkload NodeGone"]);
		const stuck = [placed(STUCK, { migration: "m" })];
		expect(settling({ nodes, workloads: [pinned()], pods: stuck })).toEqual(["ReleaseWorkload Unschedulable"]);
		expect(settling({ nodes, pods: [placed(STUCK)] })).toEqual(["EvictPod Unschedulable"]);
	});

	it("of most nodes, pins are let go one by one", () => {
		const most = [node("a"), ...["b", "c", "d"].map((name) => node(name, { ready: false }))];
		const workloads = ["x", "y"].map((name) => ({ ...pinned(), key: `shop/${name}` as const, name }));
		const outage = new NodeOutage(60);
		outage.observe(cluster({ nodes: most }).nodes, MINUTE);
		expect(due({ nodes: most, workloads }, { outage })).toEqual(["ReleaseWorkload NodeNotReady"]);
		expect(due({ nodes: most, workloads }, { outage })).toEqual([]);
		expect(due({ nodes: most, workloads }, { outage, now: 3 * MINUTE })).toEqual(["ReleaseWorkload NodeNotReady"]);
	});
});
