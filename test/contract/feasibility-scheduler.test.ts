import { afterAll, beforeAll, expect, it } from "vitest";
import { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { parsePod } from "../../src/api/kubernetes/pod.ts";
import type { ClusterState } from "../../src/core/cluster/state.ts";
import type { PodToPlace } from "../../src/core/feasibility/pod-to-place.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { asTheSchedulerSees, ourReasons, ourVerdicts, schedulerReasons } from "./feasibility/judgements.ts";
import { type RecordingExtender, recordingExtender } from "./feasibility/recording-extender.ts";
import { fill, type JudgedPod, judge, type World } from "./feasibility/world.ts";
import { asController, eventually, migrationsServed, RecordingLog, startInstalled } from "./kubernetes-support.ts";

/** Another number makes other nodes and pods: `FEASIBILITY_SEED=7`. */
const SEED = Number(process.env["FEASIBILITY_SEED"] ?? 1);
const PODS = 100;

let extender: RecordingExtender;
let cluster: Cluster;
let connection: KubernetesConnection;
let caches: KubernetesCluster;
let world: World;

beforeAll(async () => {
	extender = await recordingExtender();
	cluster = await startInstalled({ nodes: 0, schedulerExtenders: [extender.configuration] });
	await migrationsServed(cluster);
	await fill(cluster, SEED);
	world = await judge(cluster, PODS, SEED);
	connection = await asController(cluster);
	caches = new KubernetesCluster(connection, new RecordingLog());
	caches.start();
	await eventually(() => caches.ready() || undefined);
}, 180_000);

afterAll(async () => {
	await caches?.stop();
	connection?.close();
	await cluster?.stop();
	extender?.close();
});

function toPlace(pod: Pick<PodToPlace, "namespace" | "labels" | "scheduling">): PodToPlace {
	const { namespace, labels, scheduling } = pod;
	return { namespace, labels, scheduling, workload: undefined, replacing: new Set() };
}

function podOf({ object }: JudgedPod): PodToPlace {
	const parsed = parsePod(object);
	if (!parsed.ok) throw new Error(parsed.message);
	return toPlace(parsed.value);
}

function feasibleNodes(pod: PodToPlace, state: ClusterState): string[] {
	return [...ourVerdicts(pod, state)].flatMap(([node, { feasible }]) => (feasible ? [node] : [])).toSorted();
}

function said(key: string, { random, message }: JudgedPod): string {
	return `seed ${SEED}, pod ${key}: ${message}\n${JSON.stringify(random)}`;
}

it("reads every pod and node", () => {
	expect([...caches.problems("Pod"), ...caches.problems("Node"), ...caches.problems("Deployment")]).toEqual([]);
	expect(world.judged.size * caches.state().nodes.size).toBeGreaterThanOrEqual(500);
});

it("finds the same nodes feasible as kube-scheduler, for a pod", () => {
	for (const [key, judged] of world.judged) {
		const pod = podOf(judged);
		const theirs = [...(extender.feasible.get(key) ?? [])].toSorted();
		expect.soft(feasibleNodes(pod, asTheSchedulerSees(pod, caches.state())), said(key, judged)).toEqual(theirs);
	}
});

it("finds the same nodes feasible for the pod of a Deployment's template", () => {
	for (const [key, judged] of world.judged) {
		// What a runtime class adds is known only of pods.
		if (judged.random.spec["runtimeClassName"] !== undefined) continue;
		const workload = caches.state().workloads.get(key as `${string}/${string}`);
		if (!workload) throw new Error(`no Deployment ${key}`);
		const pod = toPlace({ namespace: workload.namespace, ...workload.template });
		// Tolerations of taints that only nodes have that are not ready are written into pods alone.
		const isReady = (name: string) => caches.state().nodes.get(name)?.ready === true;
		const theirs = [...(extender.feasible.get(key) ?? [])].filter(isReady).toSorted();
		const ours = feasibleNodes(pod, asTheSchedulerSees(pod, caches.state())).filter(isReady);
		expect.soft(ours, said(key, judged)).toEqual(theirs);
	}
});

it("refuses in kube-scheduler's words", () => {
	const nodes = caches.state().nodes.size;
	for (const [key, judged] of world.judged) {
		// Nodes that a pod leaves out by name are not looked at one by one, so they have no reason of their own.
		if (judged.message.includes("didn't satisfy plugin(s) [NodeAffinity]")) continue;
		const theirs = schedulerReasons(judged.message, nodes);
		const pod = podOf(judged);
		const ours = ourReasons(ourVerdicts(pod, asTheSchedulerSees(pod, caches.state())).values());
		expect.soft(ours, said(key, judged)).toEqual(theirs);
	}
});

it("refuses nodes that are cordoned or not ready even to pods that tolerate it", () => {
	const closed = [...caches.state().nodes.values()].filter(({ ready, unschedulable }) => !ready || unschedulable);
	expect(closed.length).toBeGreaterThan(0);
	let stricter = 0;
	for (const [key, judged] of world.judged) {
		const verdicts = ourVerdicts(podOf(judged), caches.state());
		for (const { name } of closed) {
			expect(verdicts.get(name), said(key, judged)).toMatchObject({
				feasible: false,
				message: expect.stringMatching(/./),
			});
			if (extender.feasible.get(key)?.has(name)) stricter += 1;
		}
	}
	expect(stricter).toBeGreaterThan(0);
});
