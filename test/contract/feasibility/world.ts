import fc from "fast-check";
import { z } from "zod";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../kubernetes-support.ts";
import { randomNodes } from "./random-nodes.ts";
import { NAMESPACES, type RandomPod, randomPods } from "./random-pods.ts";
import { boundClaims, HELD_CLAIM, storageObjects } from "./storage.ts";

const NODES = 12;
const RUNNING_PODS = 40;
const SETTLE_SECONDS = 60;

export interface World {
	/** Pods that the scheduler judged, by `namespace/name`, with what it said. */
	readonly judged: ReadonlyMap<string, JudgedPod>;
}

export interface JudgedPod {
	readonly random: RandomPod;
	readonly object: unknown;
	/** Of the condition PodScheduled. */
	readonly message: string;
}

const settledSchema = z.object({
	items: z.array(
		z.object({
			kind: z.string(),
			metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
			spec: z.object({ taints: z.array(z.object({ key: z.string() })).optional() }).optional(),
			status: z
				.object({
					phase: z.string().optional(),
					conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
				})
				.optional(),
		}),
	),
});

/** Creates objects in their order. */
async function create(cluster: Cluster, objects: readonly object[]): Promise<void> {
	await cluster.kubectl(["create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
}

/**
 * Fills a cluster with random nodes, volumes and running pods; then its controllers and kubelets stop, so
 * that nothing moves any more but the scheduler.
 */
export async function fill(cluster: Cluster, seed: number): Promise<void> {
	const namespaces = Object.entries(NAMESPACES).map(([name, labels]) => ({
		apiVersion: "v1",
		kind: "Namespace",
		metadata: { name, labels },
	}));
	await create(cluster, [...namespaces, ...randomNodes(NODES, seed), ...storageObjects()]);
	await eventually(() => hasSettled(cluster), SETTLE_SECONDS);
	await cluster.stopProgram("kube-controller-manager");
	await cluster.stopProgram("kwok");
	await createRunningPods(cluster, seed);
}

async function hasSettled(cluster: Cluster): Promise<true | undefined> {
	const accounts = await cluster.kubectl(["get", "serviceaccount", "-A", "-o", "name"]);
	if (accounts.split("serviceaccount/default").length - 1 < Object.keys(NAMESPACES).length) return undefined;
	const { items } = settledSchema.parse(JSON.parse(await cluster.kubectl(["get", "nodes,pvc", "-A", "-o", "json"])));
	const settled = items.every(({ kind, metadata, spec, status }) => {
		if (kind === "PersistentVolumeClaim") return !boundClaims().includes(metadata.name) || status?.phase === "Bound";
		const ready = status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
		const tainted = spec?.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready") ?? false;
		const wanted = Object.values(metadata.labels ?? {}).includes("running");
		return ready === wanted && tainted !== ready;
	});
	return settled || undefined;
}

const runningTraits = fc.record({
	node: fc.integer({ min: 0, max: NODES - 1 }),
	fate: fc.constantFrom("runs", "runs", "runs", "runs", "resizes", "ended", "failed", "leaves"),
});

async function createRunningPods(cluster: Cluster, seed: number): Promise<void> {
	const fates = fc.sample(runningTraits, { seed: seed + 1, numRuns: RUNNING_PODS });
	const pods = randomPods(RUNNING_PODS, seed + 2).map((random, index) => {
		const labels = { ...random.labels, fate: fates[index]?.fate };
		const object = podObject({ ...random, labels }, `r${index}`);
		return { ...object, spec: { ...object.spec, volumes: [], nodeName: `n${fates[index]?.node}` } };
	});
	const holder = podObject({ namespace: "a", labels: {}, spec: { containers: [{ name: "c", image: "x" }] } }, "holder");
	const volumes = [{ name: "data", persistentVolumeClaim: { claimName: HELD_CLAIM } }];
	await create(cluster, [...pods, { ...holder, spec: { ...holder.spec, volumes, nodeName: "n0" } }]);
	for (const [index, { metadata }] of pods.entries()) await meet(cluster, metadata, fates[index]?.fate);
}

/** What becomes of a pod, as its kubelet and its owner would write it. */
async function meet(
	cluster: Cluster,
	{ namespace, name }: { readonly namespace: string; readonly name: string },
	fate: string | undefined,
): Promise<void> {
	const own = ["-n", namespace, "pod", name];
	const patchStatus = (status: object) =>
		cluster.kubectl(["patch", ...own, "--subresource=status", "-p", JSON.stringify({ status })]);
	if (fate === "ended") await patchStatus({ phase: "Succeeded" });
	if (fate === "failed") await patchStatus({ phase: "Failed" });
	if (fate === "leaves") await cluster.kubectl(["delete", ...own, "--wait=false"]);
	if (fate !== "resizes") return;
	const resources = { requests: { cpu: "2", memory: "2Gi" } };
	const containerStatuses = [
		{
			name: "c0",
			image: "x",
			imageID: "",
			ready: true,
			restartCount: 0,
			resources,
			allocatedResources: { cpu: "1", memory: "3Gi" },
		},
	];
	await patchStatus({ phase: "Running", containerStatuses });
}

const podsSchema = z.object({
	items: z.array(
		z.looseObject({
			metadata: z.looseObject({ namespace: z.string(), name: z.string() }),
			status: z.looseObject({
				conditions: z
					.array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() }))
					.optional(),
			}),
		}),
	),
});

/** Has the scheduler judge random pods on all nodes; a Deployment without replicas carries each as its template. */
export async function judge(cluster: Cluster, count: number, seed: number): Promise<World> {
	const randoms = new Map(
		randomPods(count, seed + 3).map((random, index) => [`${random.namespace}/p${index}`, random]),
	);
	const named = [...randoms].map(([key, random]) => ({ random, name: key.slice(key.indexOf("/") + 1) }));
	await create(
		cluster,
		named.map(({ random, name }) => deploymentObject(random, name)),
	);
	await create(
		cluster,
		named.map(({ random, name }) => podObject({ ...random, labels: { ...random.labels, probe: "yes" } }, name)),
	);
	return eventually(async () => {
		const listed = podsSchema.parse(
			JSON.parse(await cluster.kubectl(["get", "pods", "-A", "-l", "probe=yes", "-o", "json"])),
		);
		const judged = new Map<string, JudgedPod>();
		for (const object of listed.items) {
			const key = `${object.metadata.namespace}/${object.metadata.name}`;
			const scheduled = object.status.conditions?.find(({ type }) => type === "PodScheduled");
			const random = randoms.get(key);
			if (random && scheduled?.message !== undefined) judged.set(key, { random, object, message: scheduled.message });
		}
		return judged.size === count ? { judged } : undefined;
	}, SETTLE_SECONDS);
}

function podObject({ namespace, labels, spec }: RandomPod, name: string) {
	return { apiVersion: "v1", kind: "Pod", metadata: { namespace, name, labels }, spec };
}

function deploymentObject({ namespace, labels, spec }: RandomPod, name: string): object {
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { namespace, name },
		spec: {
			replicas: 0,
			selector: { matchLabels: { app: labels["app"] } },
			template: { metadata: { labels: { ...labels, probe: "yes" } }, spec },
		},
	};
}
