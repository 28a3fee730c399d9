import { describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import type { PodAffinityTerm, SchedulingSpec, TopologySpreadConstraint } from "../../../src/core/cluster/pod.ts";
import { cluster, node, pod, scheduling } from "../cluster-core/builders.ts";
import { context, place, term, verdicts, ZONE, zoned } from "./support.ts";

describe("pod affinity", () => {
	const nodes = [zoned("a", "z1"), zoned("b", "z1"), zoned("c", "z2"), node("d")];
	const mismatch = "node(s) didn't match pod affinity rules";
	const toCache = term({ topologyKey: ZONE, labelSelector: { matchLabels: { app: "cache" } } });

	it("demands a selected pod in the domain", () => {
		const state = cluster({ nodes, pods: [pod("cache", { nodeName: "a", labels: { app: "cache" } })] });
		expect(verdicts(place({ podAffinity: [toCache] }), context(state))).toEqual({
			a: "ok",
			b: "ok",
			c: mismatch,
			d: mismatch,
		});
	});

	it("lets the first pod of a group that is affine to itself start anywhere with the label", () => {
		const group = place({ podAffinity: [term({ topologyKey: ZONE })] });
		expect(verdicts(group, context(cluster({ nodes })))).toEqual({ a: "ok", b: "ok", c: "ok", d: mismatch });
		const begun = cluster({ nodes, pods: [pod("web", { nodeName: "c" })] });
		expect(verdicts(group, context(begun))).toEqual({ a: mismatch, b: mismatch, c: "ok", d: mismatch });
	});

	it("looks into the namespaces that the term names or selects", () => {
		const namespaces = new Map([["infra", { name: "infra", labels: { team: "core" }, annotations: {} }]]);
		const pods = [pod("cache", { nodeName: "a", namespace: "infra", labels: { app: "cache" } })];
		const state = cluster({ nodes: [zoned("a", "z1")], pods, namespaces });
		const check = (changes: Partial<PodAffinityTerm>) =>
			verdicts(place({ podAffinity: [{ ...toCache, ...changes }] }), context(state))["a"];
		expect(check({})).toBe(mismatch);
		expect(check({ namespaces: ["infra"] })).toBe("ok");
		expect(check({ namespaceSelector: {} })).toBe("ok");
		expect(check({ namespaceSelector: { matchLabels: { team: "core" } } })).toBe("ok");
		expect(check({ namespaceSelector: { matchLabels: { team: "edge" } } })).toBe(mismatch);
		expect(check({ namespaces: ["infra"], labelSelector: undefined })).toBe(mismatch);
	});
});

describe("pod anti-affinity", () => {
	const nodes = [zoned("a", "z1"), zoned("b", "z1"), zoned("c", "z2")];
	const own = "node(s) didn't match pod anti-affinity rules";
	const theirs = "node(s) didn't satisfy existing pods anti-affinity rules";

	it("keeps away from selected pods of the whole domain", () => {
		const state = cluster({ nodes, pods: [pod("web", { nodeName: "a" })] });
		expect(verdicts(place({ podAntiAffinity: [term({ topologyKey: ZONE })] }), context(state))).toEqual({
			a: own,
			b: own,
			c: "ok",
		});
	});

	it("is symmetric, with and without the index of the caches", () => {
		const jealous = pod("x", {
			nodeName: "a",
			labels: { app: "x" },
			scheduling: scheduling({ podAntiAffinity: [term()] }),
		});
		const state = cluster({ nodes, pods: [jealous] });
		const expected = { a: theirs, b: "ok", c: "ok" };
		expect(verdicts(place(), context(state))).toEqual(expected);
		expect(verdicts(place(), context({ ...state, podsWithAntiAffinity: undefined }))).toEqual(expected);
		expect(verdicts(place({}, { namespace: "other" }), context(state))["a"]).toBe("ok");
	});

	it("lets a replaced pod keep its successor off its domain, but not off its own node", () => {
		const spread = scheduling({ podAntiAffinity: [term({ topologyKey: ZONE })] });
		const state = cluster({ nodes, pods: [pod("old", { nodeName: "a", scheduling: spread })] });
		const successor = place({ podAntiAffinity: [term({ topologyKey: ZONE })] }, { replacing: new Set(["uid-old"]) });
		expect(verdicts(successor, context(state))).toEqual({ a: "ok", b: own, c: "ok" });
	});
});

describe("topology spread", () => {
	const nodes = [zoned("a", "z1"), zoned("b", "z2"), zoned("c", "z3"), node("d")];
	const skewed = "node(s) didn't match pod topology spread constraints";
	const constraint = (changes: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
		topologyKey: ZONE,
		maxSkew: 1,
		minDomains: undefined,
		whenUnsatisfiable: "DoNotSchedule",
		labelSelector: { matchLabels: { app: "web" } },
		nodeAffinityPolicy: "Honor",
		nodeTaintsPolicy: "Ignore",
		...changes,
	});
	const pods = [pod("w1", { nodeName: "a" }), pod("w2", { nodeName: "b" })];
	const check = (changes: Partial<TopologySpreadConstraint>, spec: Partial<SchedulingSpec> = {}, where = nodes) =>
		verdicts(place({ topologySpread: [constraint(changes)], ...spec }), context(cluster({ nodes: where, pods })));

	it("holds the skew", () => {
		expect(check({})).toEqual({ a: skewed, b: skewed, c: "ok", d: `${skewed} (missing required label)` });
		expect(check({ maxSkew: 2 })["a"]).toBe("ok");
	});

	it("counts no pods for the empty selector, as the scheduler does", () => {
		expect(check({ labelSelector: {} })).toMatchObject({ a: "ok", b: "ok", c: "ok" });
	});

	it("leaves preferences to the scheduler", () => {
		expect(check({ whenUnsatisfiable: "ScheduleAnyway" })["a"]).toBe("ok");
	});

	it("takes the fewest as 0 while there are fewer domains than minDomains", () => {
		const both = [zoned("a", "z1"), zoned("b", "z2")];
		expect(check({}, {}, both)).toEqual({ a: "ok", b: "ok" });
		expect(check({ minDomains: 3 }, {}, both)).toEqual({ a: skewed, b: skewed });
	});

	it("counts only nodes that the inclusion policies let count", () => {
		const nodeSelector = { usable: "yes" };
		const usable = [
			zoned("a", "z1", { labels: nodeSelector }),
			zoned("b", "z2", { labels: nodeSelector }),
			zoned("c", "z3"),
		];
		expect(check({}, { nodeSelector }, usable)["a"]).toBe("ok");
		expect(check({ nodeAffinityPolicy: "Ignore" }, { nodeSelector }, usable)["a"]).toBe(skewed);
		const tainted = [
			zoned("a", "z1"),
			zoned("b", "z2"),
			zoned("c", "z3", { taints: [{ key: "k", value: "", effect: "NoSchedule" }] }),
		];
		expect(check({}, {}, tainted)["a"]).toBe(skewed);
		expect(check({ nodeTaintsPolicy: "Honor" }, {}, tainted)["a"]).toBe("ok");
	});

	it("counts neither pods on their way out nor those of other namespaces, nor a replaced pod on its own node", () => {
		const leaving = [pod("w1", { nodeName: "a", terminating: true }), pod("w2", { nodeName: "b", namespace: "other" })];
		const spread = place({ topologySpread: [constraint()] });
		expect(verdicts(spread, context(cluster({ nodes, pods: leaving })))["a"]).toBe("ok");
		const staying = { ...spread, replacing: new Set(["uid-w1"]) };
		expect(verdicts(staying, context(cluster({ nodes, pods })))).toMatchObject({ a: "ok", b: skewed, c: "ok" });
	});

	it("judges as if our own pin were not there", () => {
		const pinned = place({ topologySpread: [constraint()], nodeSelector: { [HOSTNAME_KEY]: "a" } });
		const where = context(cluster({ nodes, pods }), { ignoreNodeSelectorKey: HOSTNAME_KEY });
		expect(verdicts(pinned, where)["a"]).toBe(skewed);
	});
});
