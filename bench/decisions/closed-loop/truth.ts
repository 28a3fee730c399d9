import type { ClusterView } from "../../../simulation/cluster-view.ts";
import type { WorldSpec } from "../../../simulation/schema.ts";
import { truthAbout } from "../../../simulation/truth.ts";
import { NAMESPACES } from "./manifests.ts";
import type { Script } from "./script.ts";

/** Node by app; an app that nobody serves is absent. */
export type Placement = ReadonlyMap<string, string>;

/** What is really so for one app at a moment. */
export interface AppTruth {
	readonly app: string;
	/** `undefined`: nobody serves it. */
	readonly node: string | undefined;
	/** Seconds. */
	readonly latency: number | undefined;
	readonly target: number;
	/** The node with room for its request where its latency would be least, nothing else being moved. */
	readonly best: string;
	readonly bestLatency: number;
}

/** The world's own answers about placements at a moment: its physics, without noise. */
export class TruthTeller {
	private readonly script: Script;
	private readonly spec: WorldSpec;
	private readonly nodes: ClusterView["nodes"];

	constructor(script: Script, spec: WorldSpec) {
		this.script = script;
		this.spec = spec;
		this.nodes = new Map(
			script.machines.map(({ name, cores }) => [name, { name, ready: true, cores, memory: 2 ** 40 }]),
		);
	}

	/** About every app, at a time on the world's clock. */
	about(placement: Placement, worldTime: number): readonly AppTruth[] {
		const view = this.view(placement);
		const free = this.free(placement);
		return this.script.apps.map(({ name, target, cpuRequest }) => {
			const truth = truthAbout(`${NAMESPACES.ours}/${name}`, this.spec, view, worldTime);
			const node = placement.get(name);
			const places = [...(truth?.onNode ?? [])].filter(
				([place]) => place === node || (free.get(place) ?? 0) >= cpuRequest,
			);
			const [best, quality] = places.reduce((left, right) => (right[1].latency < left[1].latency ? right : left));
			return { app: name, node, latency: truth?.current?.latency, target, best, bestLatency: quality.latency };
		});
	}

	/**
	 * Where the apps would be if each went to its best node, one after the other until none could do better, at
	 * no cost and knowing all: what a perfect controller might come to.
	 */
	settle(placement: Placement, worldTime: number): Placement {
		const settled = new Map(placement);
		for (let round = 0; round < this.script.machines.length; round += 1) {
			let moved = false;
			for (const { name } of this.script.apps) {
				const truth = this.about(settled, worldTime).find(({ app }) => app === name) as AppTruth;
				if (truth.latency !== undefined && truth.bestLatency > 0.98 * truth.latency) continue;
				settled.set(name, truth.best);
				moved = true;
			}
			if (!moved) break;
		}
		return settled;
	}

	private view(placement: Placement): ClusterView {
		const pods = Array.from(placement, ([app, node]) => {
			const pod = { namespace: NAMESPACES.ours, name: app, deployment: app, node, serving: true };
			return [`${NAMESPACES.ours}/${app}`, pod] as const;
		});
		return { nodes: this.nodes, pods: new Map(pods) };
	}

	private free(placement: Placement): ReadonlyMap<string, number> {
		const free = new Map(this.script.machines.map(({ name, cores }) => [name, cores]));
		for (const { name, cpuRequest } of this.script.apps) {
			const node = placement.get(name);
			if (node !== undefined) free.set(node, (free.get(node) ?? 0) - cpuRequest);
		}
		return free;
	}
}
