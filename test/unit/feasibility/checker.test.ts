import { describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import type { Pod } from "../../../src/core/cluster/pod.ts";
import type { VolumeClaim } from "../../../src/core/cluster/state.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { moveReservationId, podRequests } from "../../../src/core/migration/reservation.ts";
import { cluster, GIB, node, pod, scheduling, volumeClaim } from "../cluster-core/builders.ts";
import { context, place, verdicts, ZONE, zoned } from "./support.ts";

describe("the node's own state", () => {
	it("refuses cordoned nodes and nodes that are not ready, tolerated or not", () => {
		const tolerations = [{ key: undefined, operator: "Exists", value: "", effect: undefined }] as const;
		const state = cluster({ nodes: [node("a", { unschedulable: true }), node("b", { ready: false }), node("c")] });
		expect(verdicts(place({ tolerations }), context(state))).toEqual({
			a: "node(s) were unschedulable",
			b: "node(s) were not ready",
			c: "ok",
		});
	});

	it.each([
		["no toleration", [], "node(s) had untolerated taint(s) {tier: edge}"],
		["the same key and value", [{ key: "tier", operator: "Equal", value: "edge", effect: undefined }], "ok"],
		[
			"another value",
			[{ key: "tier", operator: "Equal", value: "cloud", effect: undefined }],
			"node(s) had untolerated taint(s) {tier: edge}",
		],
		[
			"another effect",
			[{ key: "tier", operator: "Exists", value: "", effect: "NoExecute" }],
			"node(s) had untolerated taint(s) {tier: edge}",
		],
		["every key", [{ key: undefined, operator: "Exists", value: "", effect: "NoSchedule" }], "ok"],
		[
			"a smaller number",
			[{ key: "age", operator: "Lt", value: "8", effect: undefined }],
			"node(s) had untolerated taint(s) {tier: edge}",
		],
		[
			"no key without Exists",
			[{ key: undefined, operator: "Equal", value: "edge", effect: undefined }],
			"node(s) had untolerated taint(s) {tier: edge}",
		],
	] as const)("a taint with %s", (_title, tolerations, expected) => {
		const tainted = node("a", { taints: [{ key: "tier", value: "edge", effect: "NoSchedule" }] });
		expect(verdicts(place({ tolerations }), context(cluster({ nodes: [tainted] })))).toEqual({ a: expected });
	});

	it("does not mind PreferNoSchedule", () => {
		const tainted = node("a", { taints: [{ key: "tier", value: "edge", effect: "PreferNoSchedule" }] });
		expect(verdicts(place(), context(cluster({ nodes: [tainted] })))).toEqual({ a: "ok" });
	});
});

describe("what the policy allows", () => {
	it("refuses nodes that are no candidates, have no topology label, or are in quarantine", () => {
		const state = cluster({
			nodes: [zoned("a", "z1"), zoned("b", "z2"), node("c"), zoned("d", "z3", { labels: { tier: "x" } })],
		});
		const candidates = { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } as const;
		const where = context(state, { topologyKey: ZONE, candidates, quarantined: new Set(["z2"]) });
		expect(verdicts(place(), where)).toEqual({
			a: "ok",
			b: "node(s) were in quarantine for this workload after a move to z2 failed",
			c: `node(s) had no label ${ZONE}`,
			d: "node(s) didn't match the policy's candidates",
		});
	});
});

describe("node selector and affinity", () => {
	const state = cluster({ nodes: [zoned("a", "z1"), zoned("b", "z2")] });
	const mismatch = "node(s) didn't match Pod's node affinity/selector";

	it("demands the selector, but not the key that we manage", () => {
		const pinned = place({ nodeSelector: { [HOSTNAME_KEY]: "a", [ZONE]: "z2" } });
		expect(verdicts(pinned, context(state))).toEqual({ a: mismatch, b: mismatch });
		expect(verdicts(pinned, context(state, { ignoreNodeSelectorKey: HOSTNAME_KEY }))).toEqual({ a: mismatch, b: "ok" });
	});

	it("takes affinity terms as alternatives, by label and by name", () => {
		const byZone = { matchExpressions: [{ key: ZONE, operator: "In", values: ["z9"] }] } as const;
		const byName = { matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] } as const;
		expect(verdicts(place({ nodeAffinity: [byZone, byName] }), context(state))).toEqual({ a: mismatch, b: "ok" });
		expect(verdicts(place({ nodeAffinity: [{}] }), context(state))).toEqual({ a: mismatch, b: mismatch });
	});
});

describe("resources", () => {
	const full = [0, 1, 2].map((index) => pod(`p${index}`, { nodeName: "a" }));

	it("adds up what is there, and names all that is lacking", () => {
		const state = cluster({
			nodes: [node("a"), node("b", { allocatable: { cpu: 0.5, memory: 1, pods: 0 } })],
			pods: full,
		});
		expect(verdicts(place(), context(state))).toEqual({
			a: "ok",
			b: "Too many pods, Insufficient cpu, Insufficient memory",
		});
		expect(verdicts(place({ requests: { cpu: 1.001 } }), context(state))["a"]).toBe("Insufficient cpu");
	});

	it("is not confused by decimal fractions", () => {
		const tenths = [1, 2].map((index) =>
			pod(`p${index}`, { nodeName: "a", scheduling: scheduling({ requests: { cpu: 0.1 } }) }),
		);
		const state = cluster({ nodes: [node("a", { allocatable: { cpu: 0.3, pods: 10 } })], pods: tenths });
		expect(verdicts(place({ requests: { cpu: 0.1 } }), context(state))).toEqual({ a: "ok" });
	});

	it("does not count pods that have ended", () => {
		const ended = pod("done", { nodeName: "a", phase: "Succeeded", scheduling: scheduling({ requests: { cpu: 4 } }) });
		expect(verdicts(place(), context(cluster({ nodes: [node("a")], pods: [ended] })))).toEqual({ a: "ok" });
	});

	it("counts reservations, but neither its own nor those of pods that are bound", () => {
		const state = cluster({ nodes: [node("a")], pods: full });
		const reservation = { node: "a", requests: podRequests({ cpu: 1, memory: GIB }), cpuCores: 1, createdAt: 0 };
		const ledger = new Ledger();
		const where = context(state, { ledger });
		ledger.reserve({ ...reservation, id: "uid-p0", workload: "shop/other" });
		ledger.reserve({ ...reservation, id: moveReservationId("shop/web"), workload: "shop/web" });
		expect(verdicts(place(), where)).toEqual({ a: "ok" });
		ledger.reserve({ ...reservation, id: moveReservationId("shop/other"), workload: "shop/other" });
		expect(verdicts(place(), where)).toEqual({ a: "Insufficient cpu" });
	});

	it("counts pods on their way against the number of pods", () => {
		const ledger = new Ledger();
		const state = cluster({ nodes: [node("a", { allocatable: { cpu: 4, memory: GIB, pods: 1 } })] });
		expect(verdicts(place(), context(state, { ledger }))).toEqual({ a: "ok" });
		ledger.reserve({ id: "x", workload: "shop/x", node: "a", requests: podRequests({}), cpuCores: 0, createdAt: 0 });
		expect(verdicts(place(), context(state, { ledger }))).toEqual({ a: "Too many pods" });
	});

	it("sees changes of the set of pods it summed up before", () => {
		const state = cluster({ nodes: [node("a")], pods: full });
		expect(verdicts(place(), context(state))).toEqual({ a: "ok" });
		(state.podsByNode.get("a") as Set<unknown>).add(pod("p3", { nodeName: "a" }));
		expect(verdicts(place(), context(state))).toEqual({ a: "Insufficient cpu" });
	});

	it("sums up anew when the caches say that the pods of a node changed", () => {
		const podRevisions = new Map([["a", 1]]);
		const state = { ...cluster({ nodes: [node("a")], pods: full }), podRevisions };
		expect(verdicts(place(), context(state))).toEqual({ a: "ok" });
		(state.podsByNode.get("a") as Set<unknown>).add(pod("p3", { nodeName: "a" }));
		podRevisions.set("a", 2);
		expect(verdicts(place(), context(state))).toEqual({ a: "Insufficient cpu" });
	});

	it("lets the pods that are replaced hold their room, except that staying needs none", () => {
		const old = pod("old", { nodeName: "a", scheduling: scheduling({ requests: { cpu: 3 } }) });
		const state = cluster({ nodes: [node("a"), node("b")], pods: [old] });
		const staying = place({ requests: { cpu: 3 } }, { replacing: new Set(["uid-old"]) });
		expect(verdicts(staying, context(state))).toEqual({ a: "ok", b: "ok" });
		expect(verdicts(place({ requests: { cpu: 3 } }), context(state))).toEqual({ a: "Insufficient cpu", b: "ok" });
	});
});

describe("host ports", () => {
	const taken = (ip: string) =>
		pod("p", { nodeName: "a", scheduling: scheduling({ hostPorts: [{ ip, protocol: "TCP", port: 80 }] }) });
	const conflict = "node(s) didn't have free ports for the requested pod ports";

	it.each([
		["", "TCP", 80, conflict],
		["0.0.0.0", "TCP", 80, conflict],
		["10.0.0.1", "TCP", 80, conflict],
		["10.0.0.2", "TCP", 80, "ok"],
		["10.0.0.1", "UDP", 80, "ok"],
		["10.0.0.1", "TCP", 81, "ok"],
	])("%s %s %i beside 10.0.0.1 TCP 80", (ip, protocol, port, expected) => {
		const state = cluster({ nodes: [node("a")], pods: [taken("10.0.0.1")] });
		expect(verdicts(place({ hostPorts: [{ ip, protocol, port }] }), context(state))).toEqual({ a: expected });
	});

	it("every address conflicts with each", () => {
		const state = cluster({ nodes: [node("a")], pods: [taken("0.0.0.0")] });
		const wanted = [{ ip: "10.0.0.9", protocol: "TCP", port: 80 }];
		expect(verdicts(place({ hostPorts: wanted }), context(state))).toEqual({ a: conflict });
	});
});

describe("volumes", () => {
	const inZone = [{ matchExpressions: [{ key: ZONE, operator: "In", values: ["z1"] }] }] as const;
	const nodes = [zoned("a", "z1"), zoned("b", "z2"), node("c")];
	const wanting = place({ volumeClaims: ["data"] });

	function check(changes: Partial<VolumeClaim>, pods: readonly Pod[] = [], wanted = wanting) {
		const volumeClaims = new Map([["shop/data", volumeClaim("data", changes)]]);
		return verdicts(wanted, context(cluster({ nodes, pods, volumeClaims })));
	}

	it("follows bound volumes, and claims to where they can be bound", () => {
		const elsewhere = "node(s) didn't match PersistentVolume's node affinity";
		const nothing = "node(s) didn't find available persistent volumes to bind";
		expect(check({ nodeAffinity: inZone })).toEqual({ a: "ok", b: elsewhere, c: elsewhere });
		expect(check({ nodeAffinity: inZone, bound: false })).toEqual({ a: "ok", b: nothing, c: nothing });
		expect(check({ bound: false })).toEqual({ a: "ok", b: "ok", c: "ok" });
	});

	it("follows a volume's zone on nodes that are in one", () => {
		const elsewhere = "node(s) had no available volume zone";
		expect(check({ zones: [{ key: ZONE, values: ["z2", "z3"] }] })).toEqual({ a: elsewhere, b: "ok", c: "ok" });
		const old = { key: "failure-domain.beta.kubernetes.io/zone", values: ["z1"] };
		expect(check({ zones: [old] })).toEqual({ a: "ok", b: elsewhere, c: "ok" });
	});

	it("refuses claims that do not exist or cannot be used", () => {
		expect(verdicts(wanting, context(cluster({ nodes })))["a"]).toBe('persistentvolumeclaim "data" not found');
		expect(check({ refusal: "it is gone" })).toEqual({ a: "it is gone", b: "it is gone", c: "it is gone" });
	});

	it("lets no second pod use what one pod may use, wherever it is, but lets it stay", () => {
		const holder = pod("old", { nodeName: "a", scheduling: scheduling({ volumeClaims: ["data"] }) });
		const taken = expect.stringContaining("ReadWriteOncePod access mode already in-use by another pod");
		expect(check({ singlePod: true }, [holder])).toEqual({ a: taken, b: taken, c: taken });
		expect(check({ singlePod: false }, [holder])).toEqual({ a: "ok", b: "ok", c: "ok" });
		const successor = { ...wanting, replacing: new Set(["uid-old"]) };
		expect(check({ singlePod: true }, [holder], successor)).toEqual({ a: "ok", b: taken, c: taken });
	});
});
