import { beforeAll, describe, expect, test } from "vitest";
import type { SkipReason } from "../../../src/core/admission/placement.ts";
import { Placer } from "../../../src/core/admission/placer.ts";
import type { AdmissionPod } from "../../../src/core/admission/pod.ts";
import {
	PLACEMENT_KEY,
	PREVIOUS_PLACEMENT_KEY,
	previousPlacementText,
} from "../../../src/core/migration/annotations.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import { headroomModels } from "../prediction/world.ts";
import {
	CART,
	HOSTNAME,
	incoming,
	measure,
	NOW,
	policy,
	registryOf,
	SHOP,
	scheduling,
	type TestView,
	viewOf,
	workload,
} from "./world.ts";

let models: ModelRegistry;

beforeAll(async () => {
	models = registryOf(await headroomModels());
});

async function decide(pod: AdmissionPod, change: (view: TestView) => Partial<TestView> | void = () => undefined) {
	const view = viewOf({ a: { cpu: 1 }, b: { cpu: 2 } }, models);
	const placer = new Placer({ ownNamespace: "kubectl-qos-system" });
	const decision = await placer.place(pod, { ...view, ...change(view) }, { dryRun: false });
	return { decision, view };
}

async function reasonFor(
	pod: AdmissionPod,
	change?: (view: TestView) => Partial<TestView> | void,
): Promise<SkipReason | "Place"> {
	const { decision, view } = await decide(pod, change);
	if (decision.kind === "Place") return "Place";
	expect(decision.message).not.toBe("");
	expect([...view.ledger.reservations()]).toEqual([]);
	return decision.reason;
}

const record = JSON.stringify({ domain: "a", predicted: 0.1, policy: "fast", observedAt: "2026-01-01T00:00:00Z" });

test("a pod that nothing speaks against is placed", async () => {
	expect(await reasonFor(incoming())).toBe("Place");
});

describe("pods that are none of our business", () => {
	test.each<[SkipReason, Partial<AdmissionPod>]>([
		["NamespaceExcluded", { namespace: "kube-system" }],
		["NamespaceExcluded", { namespace: "kube-node-lease" }],
		["NamespaceExcluded", { namespace: "kube-public" }],
		["NamespaceExcluded", { namespace: "kubectl-qos-system" }],
		["NamespaceNotEnabled", { namespace: "other" }],
		["DaemonSetPod", { ownerKind: "DaemonSet" }],
		["MirrorPod", { annotations: { "kubernetes.io/config.mirror": "hash" } }],
		["AlreadyBound", { nodeName: "a" }],
		["ForeignScheduler", { scheduling: scheduling({ schedulerName: "volcano" }) }],
		["OptedOut", { labels: { "kubectl-qos.dev/skip": "true" } }],
		["OptedOut", { annotations: { "kubectl-qos.dev/skip": "true" } }],
		["NotOwnedByDeployment", { workload: undefined, ownerKind: "StatefulSet" }],
		["NotOwnedByDeployment", { workload: undefined, ownerKind: undefined }],
		["WorkloadNotCached", { workload: "shop/new" }],
	])("%s: %j", async (reason, more) => {
		const enable = (view: TestView) => {
			for (const name of ["kube-system", "kube-node-lease", "kube-public", "kubectl-qos-system"]) {
				view.cluster.namespaces.set(name, { ...SHOP, name });
			}
		};
		expect(await reasonFor(incoming(more), enable)).toBe(reason);
	});

	test("an enabled namespace means the value `enabled`", async () => {
		const disable = ({ cluster }: TestView) => {
			cluster.namespaces.set("shop", { ...SHOP, labels: { "kubectl-qos.dev/admission": "disabled" } });
		};
		expect(await reasonFor(incoming(), disable)).toBe("NamespaceNotEnabled");
	});
});

describe("governance", () => {
	test.each<[SkipReason, (view: TestView) => Partial<TestView> | void]>([
		["CachesStale", () => ({ cachesFresh: false })],
		["NoPolicy", ({ cluster }) => cluster.policies.clear()],
		[
			"NoPolicy",
			({ cluster }) =>
				void cluster.policies.set("shop/fast", policy({ workloadSelector: { matchLabels: { tier: "web" } } })),
		],
		["ModeOff", ({ cluster }) => void cluster.policies.set("shop/fast", policy({ mode: "Off" }))],
		["Suspended", ({ cluster }) => void cluster.policies.set("shop/fast", policy({ suspend: true }))],
		[
			"OptedOut",
			({ cluster }) => void cluster.workloads.set(CART, workload({ labels: { "kubectl-qos.dev/skip": "true" } })),
		],
		[
			"OptedOut",
			({ cluster }) => void cluster.workloads.set(CART, workload({ annotations: { "kubectl-qos.dev/skip": "true" } })),
		],
	])("%s", async (reason, change) => {
		expect(await reasonFor(incoming(), change)).toBe(reason);
	});

	test("mode Auto places too, and the oldest policy governs", async () => {
		const change = ({ cluster }: TestView) => {
			cluster.policies.set("shop/fast", policy({ mode: "Auto" }));
			cluster.policies.set("shop/younger", policy({ name: "younger", createdAt: NOW, mode: "Off" }));
		};
		expect(await reasonFor(incoming(), change)).toBe("Place");
	});
});

describe("what somebody has said already", () => {
	const pinned = scheduling({ nodeSelector: { [HOSTNAME]: "a" } });
	const term = { matchExpressions: [{ key: HOSTNAME, operator: "In" as const, values: ["a"] }] };

	test.each<[SkipReason, string, Partial<AdmissionPod>]>([
		["UserPinned", "a nodeSelector with our key", { scheduling: pinned }],
		["UserPinned", "a required affinity with our key", { scheduling: scheduling({ nodeAffinity: [term] }) }],
		["UserPinned", "a preferred affinity with our key", { preferredNodeAffinity: [term] }],
		[
			"UserPinned",
			"an affinity to a node's name",
			{
				scheduling: scheduling({
					nodeAffinity: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }],
				}),
			},
		],
		["AlreadyPlaced", "our record and its selector", { annotations: { [PLACEMENT_KEY]: record }, scheduling: pinned }],
		[
			"AlreadyPlaced",
			"our record and its preference",
			{ annotations: { [PLACEMENT_KEY]: record }, preferredNodeAffinity: [term] },
		],
		[
			"UserPinned",
			"a record of another node",
			{ annotations: { [PLACEMENT_KEY]: record }, scheduling: scheduling({ nodeSelector: { [HOSTNAME]: "b" } }) },
		],
		["UserPinned", "a record that is not ours", { annotations: { [PLACEMENT_KEY]: "{" }, scheduling: pinned }],
	])("%s: %s", async (reason, _, more) => {
		expect(await reasonFor(incoming(more))).toBe(reason);
	});

	test("AlreadyPlaced: a pod of a template that a move has pinned", async () => {
		const pin = ({ cluster }: TestView) => {
			cluster.workloads.set(
				CART,
				workload({
					annotations: { [PREVIOUS_PLACEMENT_KEY]: previousPlacementText({ topologyKey: HOSTNAME, value: null }) },
					template: { labels: { app: "cart" }, annotations: { [PLACEMENT_KEY]: record }, scheduling: pinned },
				}),
			);
		};
		expect(await reasonFor(incoming({ scheduling: pinned }), pin)).toBe("AlreadyPlaced");
	});

	test("a template that was rolled for admission to place (a record without a domain) is placed", async () => {
		const rolled = JSON.stringify({ policy: "fast", observedAt: "2026-01-01T00:00:00Z", migration: "cart-1" });
		expect(await reasonFor(incoming({ annotations: { [PLACEMENT_KEY]: rolled } }))).toBe("Place");
	});

	test.each<[SkipReason | "Place", string, string]>([
		["NamespaceNodeSelector", "decides our key", `${HOSTNAME}=a`],
		["NamespaceNodeSelector", "cannot be read", "tier"],
		["NamespaceNodeSelector", "is contradicted by the pod", "disk=hdd"],
		["NoFeasibleNode", "no node satisfies", "tier=edge"],
		["Place", "is empty", ""],
	])("%s: the namespace's node selector %s", async (reason, _, selector) => {
		const annotate = ({ cluster }: TestView) => {
			const annotations = { "scheduler.alpha.kubernetes.io/node-selector": selector };
			cluster.namespaces.set("shop", { ...SHOP, annotations });
			for (const [name, node] of cluster.nodes) {
				cluster.nodes.set(name, { ...node, labels: { ...node.labels, disk: "ssd" } });
			}
		};
		const pod = incoming({ scheduling: scheduling({ nodeSelector: { disk: "ssd" } }) });
		expect(await reasonFor(pod, annotate)).toBe(reason);
	});

	test.each<[SkipReason | "Place", "Honor" | "Ignore", number | undefined, "Required" | "Preferred"]>([
		["TopologySpread", "Honor", 2, "Required"],
		["Place", "Honor", undefined, "Required"],
		["Place", "Ignore", 2, "Required"],
		["Place", "Honor", 2, "Preferred"],
	])(
		"%s: spread that must %s node affinity over at least %s domains, %s",
		async (reason, honor, minDomains, enforcement) => {
			const constraint = {
				topologyKey: HOSTNAME,
				maxSkew: 1,
				minDomains,
				whenUnsatisfiable: "DoNotSchedule" as const,
				labelSelector: { matchLabels: { app: "cart" } },
				nodeAffinityPolicy: honor,
				nodeTaintsPolicy: "Ignore" as const,
			};
			const change = ({ cluster }: TestView) => {
				const placement = { ...policy().placement, enforcement };
				cluster.policies.set("shop/fast", policy({ placement }));
			};
			const pod = incoming({ scheduling: scheduling({ topologySpread: [constraint] }) });
			expect(await reasonFor(pod, change)).toBe(reason);
		},
	);
});

describe("nothing to decide from", () => {
	test("NoFeasibleNode counts why", async () => {
		const { decision } = await decide(
			incoming({ scheduling: scheduling({ requests: { cpu: 64 } }) }),
			({ cluster }) => {
				const node = cluster.nodes.get("b");
				if (node) cluster.nodes.set("b", { ...node, unschedulable: true });
			},
		);
		expect(decision).toEqual({
			kind: "Skip",
			reason: "NoFeasibleNode",
			message: "0/2 nodes: 1 Insufficient cpu, 1 node(s) were unschedulable",
		});
	});

	test("NoFeasibleNode: a policy without candidates", async () => {
		const placement = { ...policy().placement, candidates: { matchLabels: { tier: "edge" } } };
		const change = ({ cluster }: TestView) => void cluster.policies.set("shop/fast", policy({ placement }));
		expect(await reasonFor(incoming(), change)).toBe("NoFeasibleNode");
	});

	test("MetricsStale: measurements that ended long ago, however they were cached", async () => {
		const view = viewOf({ a: { cpu: 1 }, b: { cpu: 2 } }, models);
		const placer = new Placer({ ownNamespace: "kubectl-qos-system" });
		const at = async (seconds: number) => {
			const decision = await placer.place(
				incoming({ uid: `review-${seconds}` }),
				{ ...view, now: NOW + seconds * 1000 },
				{ dryRun: false },
			);
			return decision.kind === "Skip" ? decision.reason : decision.kind;
		};
		expect([await at(0), await at(30), await at(120)]).toEqual(["Place", "Place", "MetricsStale"]);
	});

	test("MetricsAbsent: no node is measured", async () => {
		const view = viewOf({ a: {}, b: {} }, models);
		const placer = new Placer({ ownNamespace: "kubectl-qos-system" });
		expect(await placer.place(incoming(), view, { dryRun: false })).toMatchObject({ reason: "MetricsAbsent" });
	});

	test("MetricsAbsent: the objective cannot be asked for, and the last answer is too old to count", async () => {
		const view = viewOf({ a: { cpu: 1 }, b: { cpu: 2 } }, models);
		const failure = { metric: "latency", message: "the query is not valid PromQL", concerns: "Query" } as const;
		const decide = async (seconds: number) => {
			const now = NOW + seconds * 1000;
			const placer = new Placer({ ownNamespace: "kubectl-qos-system" });
			for (const node of ["a", "b"]) measure(view.metrics, node, 1, now);
			const decision = await placer.place(incoming(), { ...view, now }, { dryRun: false });
			return decision.kind === "Skip" ? decision : decision.kind;
		};
		view.metrics.noteFailures([], NOW);
		view.metrics.noteFailures([failure], NOW + 30_000);
		expect([await decide(30), await decide(60)]).toEqual(["Place", "Place"]);
		expect(await decide(90)).toEqual({ kind: "Skip", reason: "MetricsAbsent", message: failure.message });
		view.metrics.noteFailures([{ ...failure, metric: "fps" }], NOW + 120_000);
		expect(await decide(120)).toBe("Place");
	});

	test("ModelRefused and a model that fails", async () => {
		const refusal = { refused: true, reason: "NotFound", message: "there is no such model" } as const;
		expect(await reasonFor(incoming(), () => ({ models: { resolve: () => refusal } }))).toBe("ModelRefused");

		const { Minimize } = await headroomModels();
		const failing = { ...Minimize, metadata: Minimize.metadata, predict: () => Promise.reject(new Error("broken")) };
		const broken: ModelRegistry = { resolve: () => ({ refused: false, model: failing }) };
		expect(await reasonFor(incoming(), () => ({ models: broken }))).toBe("ModelRefused");
	});

	test("PredictionUnknown: a model that answers NaN", async () => {
		const { Minimize } = await headroomModels();
		const { outputs } = Minimize.metadata;
		const predict = async (_: Float32Array, rows: number) => new Float32Array(rows * outputs.length).fill(Number.NaN);
		const silent: ModelRegistry = {
			resolve: () => ({
				refused: false,
				model: { reference: Minimize.reference, metadata: Minimize.metadata, predict },
			}),
		};
		expect(await reasonFor(incoming(), () => ({ models: silent }))).toBe("PredictionUnknown");
	});
});
