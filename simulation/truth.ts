import type { ClusterView } from "./cluster-view.ts";
import { deploymentKey, loadOf, type NodeLoad, type PodLoad, situationAt } from "./load.ts";
import { demandCores, framesPerSecond, offeredLoad, processingTime, responseTime } from "./physics.ts";
import { valueAt } from "./profile.ts";
import type { AppSpec, WorldSpec } from "./schema.ts";

export interface QualityOfService {
	/** Seconds. */
	readonly latency: number;
	/** Of one pod; `undefined` for an app without frames. */
	readonly fps: number | undefined;
}

/** What is really so at a moment, without noise and sampling. */
export interface Truth {
	/** Mean over the pods that serve; `undefined` when none does. */
	readonly current: QualityOfService | undefined;
	/** Nodes where its serving pods are. */
	readonly nodes: readonly string[];
	/** By node that is up: what it would be if all its requests were served there and nothing else moved. */
	readonly onNode: ReadonlyMap<string, QualityOfService>;
}

/** The truth about a Deployment (`namespace/name`) at a time; `undefined` when the world file has no such app. */
export function truthAbout(key: string, spec: WorldSpec, view: ClusterView, worldTime: number): Truth | undefined {
	const app = spec.apps[key] ?? spec.apps[key.slice(key.indexOf("/") + 1)];
	if (!app) return undefined;
	const situation = situationAt(spec, view, { worldTime, noisePeriod: undefined });
	const own = situation.pods.filter(({ pod }) => deploymentKey(pod) === key);
	const rate = valueAt(app.arrivalRate, worldTime, spec.seed, key);
	const onNode = new Map<string, QualityOfService>();
	for (const node of situation.nodes.values()) {
		onNode.set(node.name, quality(app, node, loadIfAllWereHere(app, node, own, rate)));
	}
	return { current: meanQuality(own), nodes: [...new Set(own.map(({ node }) => node.name))], onNode };
}

function loadIfAllWereHere(app: AppSpec, node: NodeLoad, own: readonly PodLoad[], rate: number): number {
	let others = node.demand;
	for (const pod of own) {
		if (pod.node === node) others -= demandCores(pod.rate, app.serviceTime, node.spec.speed);
	}
	const demand = others + demandCores(rate, app.serviceTime, node.spec.speed);
	return offeredLoad(node.background, demand, node.cores);
}

function quality(app: AppSpec, node: NodeLoad, load: number): QualityOfService {
	const { speed } = node.spec;
	const frames = app.fps;
	return {
		latency: responseTime(app, speed, load),
		fps: frames && framesPerSecond(frames.target, frames.parallelism, processingTime(app, speed, load)),
	};
}

function meanQuality(pods: readonly PodLoad[]): QualityOfService | undefined {
	if (pods.length === 0) return undefined;
	const each = pods.map(({ app, node }) => quality(app, node, loadOf(node)));
	const mean = (read: (one: QualityOfService) => number) =>
		each.reduce((total, one) => total + read(one), 0) / each.length;
	return {
		latency: mean(({ latency }) => latency),
		fps: each[0]?.fps === undefined ? undefined : mean(({ fps }) => fps ?? 0),
	};
}
