import type { ClusterView, RunningPod } from "./cluster-view.ts";
import { demandCores, offeredLoad } from "./physics.ts";
import { valueAt } from "./profile.ts";
import { noiseFactor } from "./random.ts";
import { type AppSpec, DEFAULT_NODE, type NodeSpec, type WorldSpec } from "./schema.ts";

/** A node with everything that its load depends on, at one moment. */
export interface NodeLoad {
	readonly name: string;
	readonly spec: NodeSpec;
	readonly cores: number;
	readonly memory: number;
	readonly background: number;
	/** Cores that the pods ask for. */
	demand: number;
}

/** A pod that gets requests, at one moment. */
export interface PodLoad {
	readonly pod: RunningPod;
	readonly app: AppSpec;
	readonly node: NodeLoad;
	/** Requests per second that reach it. */
	readonly rate: number;
}

export interface Situation {
	readonly nodes: ReadonlyMap<string, NodeLoad>;
	readonly pods: readonly PodLoad[];
}

/** One moment of the world. */
export interface Moment {
	/** Seconds on the profiles' clock. */
	readonly worldTime: number;
	/** Number of the noise period, or `undefined` for a world without noise. */
	readonly noisePeriod: number | undefined;
}

type DeploymentName = Pick<RunningPod, "namespace" | "deployment">;

/** `namespace/name` of the Deployment that owns a pod. */
export function deploymentKey(pod: DeploymentName): string {
	return `${pod.namespace}/${pod.deployment}`;
}

/** What the world file says about a pod's Deployment. */
export function appOf(spec: WorldSpec, pod: DeploymentName): AppSpec | undefined {
	return spec.apps[deploymentKey(pod)] ?? spec.apps[pod.deployment];
}

/** Who asks what of which node at a moment. Nodes that are down, and their pods, do not occur. */
export function situationAt(spec: WorldSpec, view: ClusterView, moment: Moment): Situation {
	const nodes = new Map<string, NodeLoad>();
	for (const node of view.nodes.values()) {
		const own = spec.nodes[node.name] ?? DEFAULT_NODE;
		if (!node.ready || own.down) continue;
		nodes.set(node.name, {
			name: node.name,
			spec: own,
			cores: own.cores ?? node.cores,
			memory: own.memory ?? node.memory,
			background: noisy(valueAt(own.background, moment.worldTime, spec.seed, node.name), spec, moment, node.name),
			demand: 0,
		});
	}
	const serving = [...view.pods.values()].filter((pod) => pod.serving && nodes.has(pod.node));
	const pods: PodLoad[] = [];
	for (const [key, replicas] of Map.groupBy(serving, deploymentKey)) {
		const app = replicas[0] && appOf(spec, replicas[0]);
		if (!app) continue;
		const arrivals = noisy(valueAt(app.arrivalRate, moment.worldTime, spec.seed, key), spec, moment, key);
		for (const pod of replicas) {
			const node = nodes.get(pod.node);
			if (!node) continue;
			const rate = arrivals / replicas.length;
			node.demand += demandCores(rate, app.serviceTime, node.spec.speed);
			pods.push({ pod, app, node, rate });
		}
	}
	return { nodes, pods };
}

export function loadOf(node: NodeLoad): number {
	return offeredLoad(node.background, node.demand, node.cores);
}

function noisy(value: number, spec: WorldSpec, moment: Moment, name: string): number {
	if (moment.noisePeriod === undefined) return value;
	return value * noiseFactor(spec.noise.load, spec.seed, `load/${name}`, moment.noisePeriod);
}
