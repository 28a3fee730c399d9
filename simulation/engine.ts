import type { ClusterView, RunningPod } from "./cluster-view.ts";
import { type NodeCounters, newNodeCounters, newPodCounters, type PodCounters } from "./counters.ts";
import { appOf, deploymentKey, loadOf, type NodeLoad, type PodLoad, situationAt } from "./load.ts";
import { framesPerSecond, processingTime, responseTime, servedShare } from "./physics.ts";
import { valueAt } from "./profile.ts";
import { noiseFactor, uniform } from "./random.ts";
import type { WorldSpec } from "./schema.ts";
import { type Truth, truthAbout } from "./truth.ts";

/** Seconds of one tick: short against the time between two scrapes. */
const TICK_SECONDS = 0.05;
/** Share of a node's memory that its own system uses. */
const SYSTEM_MEMORY = 0.05;

/**
 * What happens in the world: counters as exporters would show them. Time and the cluster come from outside, so
 * that the same seed, file and placements give the same counters.
 */
export class Engine {
	readonly nodes = new Map<string, NodeCounters>();
	readonly pods = new Map<string, PodCounters>();
	spec: WorldSpec;
	private readonly startedAt: number;
	private tick = 0;

	/** `startedAt` is ms since the epoch: 0 on the profiles' clock. */
	constructor(spec: WorldSpec, startedAt: number) {
		this.spec = spec;
		this.startedAt = startedAt;
	}

	/** Lets the ticks up to `now` (ms since the epoch) happen, with the pods where `view` says. */
	advance(view: ClusterView, now: number): void {
		const until = Math.floor((now - this.startedAt) / (TICK_SECONDS * 1000));
		for (; this.tick < until; this.tick++) this.doTick(view);
		this.appearAndDisappear(view);
	}

	/** What is really so for a Deployment (`namespace/name`), without noise. */
	truth(key: string, view: ClusterView, now: number): Truth | undefined {
		return truthAbout(key, this.spec, view, this.worldTime((now - this.startedAt) / 1000));
	}

	private worldTime(elapsedSeconds: number): number {
		return elapsedSeconds * this.spec.compression;
	}

	private doTick(view: ClusterView): void {
		const elapsed = this.tick * TICK_SECONDS;
		const worldTime = this.worldTime(elapsed);
		const noisePeriod = Math.floor(elapsed / this.spec.noise.period);
		const situation = situationAt(this.spec, view, { worldTime, noisePeriod });
		this.appearAndDisappear(view);
		for (const node of situation.nodes.values()) this.countNode(node, worldTime);
		for (const pod of situation.pods) this.countPod(pod, noisePeriod);
	}

	private countNode(node: NodeLoad, worldTime: number): void {
		const counters = this.nodes.get(node.name);
		if (!counters) return;
		const used = node.cores * Math.min(1, loadOf(node));
		const { spec, name } = node;
		counters.cores = node.cores;
		counters.memoryTotal = node.memory;
		counters.memoryUsed = node.memory * SYSTEM_MEMORY;
		counters.busySeconds += used * TICK_SECONDS;
		counters.idleSeconds += (node.cores - used) * TICK_SECONDS;
		counters.diskBytes += valueAt(spec.disk, worldTime, this.spec.seed, `${name}/disk`) * TICK_SECONDS;
		counters.networkBytes += valueAt(spec.network, worldTime, this.spec.seed, `${name}/network`) * TICK_SECONDS;
		counters.joules += (spec.power.idle + (spec.power.busy - spec.power.idle) * (used / node.cores)) * TICK_SECONDS;
	}

	private countPod(load: PodLoad, noisePeriod: number): void {
		const { pod, app, node } = load;
		const counters = this.pods.get(`${pod.namespace}/${pod.name}`);
		const onNode = this.nodes.get(node.name);
		if (!counters || !onNode) return;
		const offered = loadOf(node);
		const served = load.rate * servedShare(offered) * TICK_SECONDS;
		const factor = this.latencyFactor(`${deploymentKey(pod)}/${node.name}`, noisePeriod);
		const processing = processingTime(app, node.spec.speed, offered) * factor;
		counters.requests += served;
		counters.requestSeconds += served * Math.min(app.timeout, responseTime(app, node.spec.speed, offered) * factor);
		counters.cpuSeconds += (served * app.serviceTime) / node.spec.speed;
		if (app.fps) {
			counters.frames += framesPerSecond(app.fps.target, app.fps.parallelism, processing) * TICK_SECONDS;
		}
		onNode.memoryUsed = Math.min(onNode.memoryTotal, onNode.memoryUsed + app.memory);
		onNode.networkBytes += served * app.networkBytes;
		onNode.diskBytes += served * app.diskBytes;
	}

	private latencyFactor(name: string, noisePeriod: number): number {
		const { seed, noise } = this.spec;
		const isOutlier = uniform(seed, `outlier/${name}`, noisePeriod) < noise.outliers.probability;
		const factor = noiseFactor(noise.latency, seed, `latency/${name}`, noisePeriod);
		return isOutlier ? factor * noise.outliers.factor : factor;
	}

	/** Exporters live and die with their nodes and pods; counters of a node that comes back start at 0. */
	private appearAndDisappear(view: ClusterView): void {
		const isUp = (name: string) => view.nodes.get(name)?.ready === true && this.spec.nodes[name]?.down !== true;
		for (const name of this.nodes.keys()) if (!isUp(name)) this.nodes.delete(name);
		for (const [key, { node }] of this.pods) if (!view.pods.has(key) || !isUp(node)) this.pods.delete(key);
		for (const name of view.nodes.keys()) {
			if (!this.nodes.has(name) && isUp(name)) this.nodes.set(name, newNodeCounters(name));
		}
		for (const [key, pod] of view.pods) {
			if (!this.pods.has(key) && isUp(pod.node)) this.startExporter(key, pod);
		}
	}

	private startExporter(key: string, { namespace, name, deployment, node }: RunningPod): void {
		const app = appOf(this.spec, { namespace, deployment });
		if (app) this.pods.set(key, newPodCounters({ namespace, name, node, hasFrames: app.fps !== undefined }));
	}
}
