import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { PodObject, PodSpec } from "./harness/kinds.ts";
import { parseMetrics } from "./harness/metrics-text.ts";
import { type DeploymentOptions, deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { HOSTNAME, livePods, placementOf, running } from "./harness/workloads.ts";

const NODE_SELECTOR_ANNOTATION = "scheduler.alpha.kubernetes.io/node-selector";
const PLACED_BY_US = JSON.stringify({ domain: "node-1", policy: "fast", observedAt: "2026-01-01T00:00:00Z" });

const stage = useStage({
	nodes: [
		{ name: "node-1", labels: { zone: "a" } },
		{ name: "node-2", labels: { zone: "b" } },
		{ name: "node-3", labels: { zone: "b" } },
	],
	world: {
		nodes: { "node-1": { background: 0 }, "node-2": { background: 2 }, "node-3": { background: 4 } },
		apps: {},
	},
	// Kubernetes' own plugin for node selectors of namespaces: it rejects pods that contradict them.
	cluster: { apiServerFlags: ["--enable-admission-plugins=PodNodeSelector"] },
});

function required(expression: object): Record<string, unknown> {
	return {
		affinity: {
			nodeAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [expression] },
			},
		},
	};
}

function preferred(key: string): Record<string, unknown> {
	const preference = { matchExpressions: [{ key, operator: "In", values: ["node-2"] }] };
	return {
		affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] } },
	};
}

interface Case extends Partial<DeploymentOptions> {
	readonly name: string;
	readonly reason: string;
	readonly in: string;
	/** Of the pod template. */
	readonly template?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

/** One Deployment each, with one replica, and why its pod is left alone. */
const CASES: readonly Case[] = [
	{ name: "no-policy", in: "ungoverned", reason: "NoPolicy" },
	{ name: "observed", in: "observed", reason: "ModeOff" },
	{ name: "suspended", in: "suspended", reason: "Suspended" },
	{ name: "model", in: "model", reason: "ModelRefused" },
	{ name: "selector-of-namespace", in: "pinned", reason: "NamespaceNodeSelector" },
	{ name: "other-scheduler", in: "shop", reason: "ForeignScheduler", podSpec: { schedulerName: "other" } },
	{ name: "opted-out-pod", in: "shop", reason: "OptedOut", template: { labels: { "kubectl-qos.dev/skip": "true" } } },
	{ name: "opted-out", in: "shop", reason: "OptedOut", labels: { "kubectl-qos.dev/skip": "true" } },
	{ name: "selector", in: "shop", reason: "UserPinned", podSpec: { nodeSelector: { [HOSTNAME]: "node-2" } } },
	{
		name: "affinity",
		in: "shop",
		reason: "UserPinned",
		podSpec: required({ matchExpressions: [{ key: HOSTNAME, operator: "In", values: ["node-2"] }] }),
	},
	{ name: "preference", in: "shop", reason: "UserPinned", podSpec: preferred(HOSTNAME) },
	{
		name: "field",
		in: "shop",
		reason: "UserPinned",
		podSpec: required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["node-2"] }] }),
	},
	{
		name: "spread",
		in: "shop",
		reason: "TopologySpread",
		podSpec: {
			topologySpreadConstraints: [
				{
					topologyKey: "zone",
					maxSkew: 1,
					minDomains: 2,
					whenUnsatisfiable: "DoNotSchedule",
					labelSelector: { matchLabels: { app: "spread" } },
				},
			],
		},
	},
	{ name: "too-big", in: "shop", reason: "NoFeasibleNode", cpu: "100" },
	{
		name: "placed-before",
		in: "shop",
		reason: "AlreadyPlaced",
		podSpec: { nodeSelector: { [HOSTNAME]: "node-1" } },
		template: { annotations: { "kubectl-qos.dev/placement": PLACED_BY_US } },
	},
];

function deploymentOf({ name, in: inNamespace, template = {}, podSpec, cpu, labels }: Case): string {
	const options = { namespace: inNamespace, name, podSpec: podSpec ?? {}, labels: labels ?? {}, cpu: cpu ?? "100m" };
	if (Object.keys(template).length === 0) return deployment(options);
	const containers = [{ name: "app", image: "example.invalid/app", resources: { requests: { cpu: options.cpu } } }];
	return deployment({
		...options,
		spec: {
			template: {
				metadata: { labels: { app: name, ...template.labels }, annotations: template.annotations ?? {} },
				spec: { containers, ...options.podSpec },
			},
		},
	});
}

/** Pods that no Deployment owns. `ghost` says that it belongs to one, of which nobody has heard. */
function otherPods(inNamespace: string): string {
	const spec = { containers: [{ name: "app", image: "example.invalid/app" }] };
	const ghost = {
		apiVersion: "apps/v1",
		kind: "ReplicaSet",
		name: "ghost-abc",
		uid: "00000000-0000-4000-8000-000000000000",
		controller: true,
	};
	const metadata = { namespace: inNamespace, labels: { app: "bare" } };
	return [
		{ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "bare" }, spec },
		{ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "bound" }, spec: { ...spec, nodeName: "node-3" } },
		{
			apiVersion: "v1",
			kind: "Pod",
			metadata: {
				...metadata,
				name: "ghost",
				labels: { app: "ghost", "pod-template-hash": "abc" },
				ownerReferences: [ghost],
			},
			spec,
		},
		{
			apiVersion: "apps/v1",
			kind: "DaemonSet",
			metadata: { namespace: inNamespace, name: "everywhere" },
			spec: {
				selector: { matchLabels: { app: "everywhere" } },
				template: { metadata: { labels: { app: "everywhere" } }, spec },
			},
		},
	]
		.map((object) => stringify(object))
		.join("---\n");
}

/** Admissions so far: `result/reason` -> count. */
async function admissions(): Promise<ReadonlyMap<string, number>> {
	const [controller] = stage.controllers;
	const samples = parseMetrics((await controller?.metrics()) ?? "");
	const own = samples.filter(({ name }) => name === "kubectl_qos_admission_total");
	return new Map(own.map(({ labels, value }) => [`${labels["result"]}/${labels["reason"]}`, value]));
}

function difference(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Record<string, number> {
	const changes = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
	return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}

/** A pod created from a template that said `before`. */
function expectUnchanged(pod: PodObject, before: PodSpec): void {
	const { name } = pod.metadata;
	expect({ name, selector: pod.spec.nodeSelector }).toEqual({ name, selector: before.nodeSelector });
	expect({ name, affinity: pod.spec.affinity }).toEqual({
		name,
		affinity: before.affinity,
	});
}

describe("skipped pods", () => {
	it("are created unchanged, each with its reason counted", async () => {
		await stage.apply(
			...["shop", "observed", "suspended", "model", "ungoverned"].map((name) => namespace(name)),
			stringify({
				apiVersion: "v1",
				kind: "Namespace",
				metadata: {
					name: "pinned",
					labels: { "kubectl-qos.dev/admission": "enabled" },
					annotations: { [NODE_SELECTOR_ANNOTATION]: `${HOSTNAME}=node-3` },
				},
			}),
			policy("shop"),
			policy("pinned"),
			policy("observed", { mode: "Off" }),
			policy("suspended", { suspend: true }),
			policy("model", { model: { file: "nowhere" } }),
		);
		const before = await admissions();
		await stage.apply(...CASES.map(deploymentOf), otherPods("shop"));
		const expected: Record<string, number> = { "skipped/NotOwnedByDeployment": 1, "skipped/WorkloadNotCached": 1 };
		for (const { reason } of CASES) expected[`skipped/${reason}`] = (expected[`skipped/${reason}`] ?? 0) + 1;
		await stage.waitUntil("every pod was judged", async () => {
			expect(difference(before, await admissions())).toEqual(expected);
			return true;
		});
		for (const { in: inNamespace, name } of CASES) {
			const [pod, ...others] = await livePods(stage, inNamespace, name);
			expect({ name, others }).toEqual({ name, others: [] });
			if (!pod) throw new Error(`${inNamespace}/${name} has no pod`);
			const template = await stage.api.get("Deployment", inNamespace, name);
			const ofNamespace = inNamespace === "pinned" ? { [HOSTNAME]: "node-3" } : undefined;
			expectUnchanged(pod, { ...template.spec.template.spec, ...(ofNamespace && { nodeSelector: ofNamespace }) });
			if (name !== "placed-before") expect(placementOf(pod)).toBeUndefined();
		}
		for (const pod of await livePods(stage, "shop", "bare")) expectUnchanged(pod, {});
	});

	it("include pods of DaemonSets and bound pods, for which the API server does not even ask", async () => {
		const pods = await running(stage, "shop", "everywhere", 3);
		expect(pods.map(placementOf)).toEqual([undefined, undefined, undefined]);
		expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(3);
		const bound = await stage.api.get("Pod", "shop", "bound");
		expect(bound.spec.nodeName).toBe("node-3");
		expect(placementOf(bound)).toBeUndefined();
	});

	it("include everything in namespaces that did not opt in, whatever policies they have", async () => {
		const before = await admissions();
		await stage.apply(
			namespace("quiet", { "kubectl-qos.dev/admission": "disabled" }),
			policy("quiet"),
			deployment({ namespace: "quiet", name: "web" }),
			policy("kube-system"),
			deployment({ namespace: "kube-system", name: "web" }),
		);
		await stage.cluster.kubectl(["label", "namespace", "kube-system", "kubectl-qos.dev/admission=enabled"]);
		await stage.cluster.kubectl(["rollout", "restart", "-n", "kube-system", "deployment/web"]);
		const pods = [...(await running(stage, "quiet", "web")), ...(await running(stage, "kube-system", "web"))];
		expect(pods.map(placementOf)).toEqual([undefined, undefined]);
		expect(difference(before, await admissions())).toEqual({});
	});

	it("do not include those whose namespace demands other labels: these are kept", async () => {
		await stage.apply(
			stringify({
				apiVersion: "v1",
				kind: "Namespace",
				metadata: {
					name: "zoned",
					labels: { "kubectl-qos.dev/admission": "enabled" },
					annotations: { [NODE_SELECTOR_ANNOTATION]: "zone=b" },
				},
			}),
			policy("zoned"),
			deployment({ namespace: "zoned", name: "web" }),
		);
		const [pod] = await running(stage, "zoned", "web");
		// node-1 would be better, but is not in zone b.
		expect(pod?.spec.nodeSelector).toEqual({ zone: "b", [HOSTNAME]: "node-2" });
		expect(pod?.spec.nodeName).toBe("node-2");
	});
});
