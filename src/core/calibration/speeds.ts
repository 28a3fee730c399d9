import type { WorkloadKey } from "../cluster/workload.ts";
import { type Estimate, LEAST_SPREAD } from "../features/observed.ts";
import type { NodeSpeeds } from "../features/speed.ts";
import { Bias } from "./bias.ts";
import { newResidual } from "./residual.ts";

/** Standard deviations of logarithms: workloads differ freely, nodes by half, the rest is what the model leaves out. */
const SPREADS = { workload: 10, node: 0.5, pair: 0.2, window: 0.3 };

/** Learned speeds stay within an eighth and eight times. */
const LIMIT = 3 * Math.LN2;

/** Windows of measurements below which a service time is not told. */
const LEAST_WINDOWS = 0.5;

/** How long one workload's work took on one node. */
export interface Visit {
	readonly workload: WorkloadKey;
	readonly node: string;
	/**
	 * What was measured with the slowdown by the node's load taken out, and its speed left in: service time
	 * over speed, in any unit. A speed that is inferred with the help of itself would feed on its own errors.
	 */
	readonly time: number;
	/** How much news it is; 1: a window that shares nothing with earlier ones. */
	readonly windows: number;
}

/**
 * Relative speeds of nodes, from workloads that were on several: the logarithm of a visit's time is the
 * workload's effect plus the node's, robust and shrunk to speed 1 (`fitEffects`). What was on one node only
 * tells nothing, and leaves it at 1.
 */
export class LearnedSpeeds implements NodeSpeeds {
	readonly visits = new Bias(SPREADS, 0);
	/** Speeds that labels declare: what is learned is relative to them. */
	private declared: ReadonlyMap<string, number> = new Map();
	private cached: { readonly revision: number; readonly origin: number } | undefined;

	/** Takes over what nodes' labels declare; NaN is Unknown. */
	declare(declared: ReadonlyMap<string, number>): void {
		this.declared = declared;
		this.cached = undefined;
	}

	observe({ workload, node, time, windows }: Visit): void {
		if (!(time > 0) || !Number.isFinite(time) || !(windows > 0)) return;
		const error = Math.log(time);
		if (this.visits.residuals.get(workload)?.has(node)) this.visits.learn(workload, node, { error, windows });
		// There is no usual time to start from: the first is taken as it is.
		else this.visits.restore(workload, node, { ...newResidual(), mean: error, weight: windows });
	}

	of(node: string): number {
		const origin = this.origin();
		const visited = this.visits.fit().nodes.get(node);
		if (visited === undefined) return 1;
		return Math.exp(Math.max(-LIMIT, Math.min(LIMIT, origin - visited)));
	}

	/** From visits, which are to nodes that are not saturated. */
	serviceTime(workload: WorkloadKey): Estimate | undefined {
		let weight = 0;
		for (const visit of this.visits.residuals.get(workload)?.values() ?? []) weight += visit.weight;
		if (weight < LEAST_WINDOWS) return undefined;
		const value = Math.exp(this.visits.ofWorkload(workload) + this.origin());
		return { value, spread: Math.hypot(LEAST_SPREAD, SPREADS.window / Math.sqrt(weight)) };
	}

	/** Standard deviation of the logarithm of a node's speed. */
	spread(node: string): number {
		return this.visits.nodeSpread(node);
	}

	/** Effect of a node of speed 1: 0, or what nodes with a label say. */
	private origin(): number {
		this.visits.fit();
		if (this.cached?.revision === this.visits.revision) return this.cached.origin;
		let sum = 0;
		let precision = SPREADS.node ** -2;
		for (const [node, speed] of this.declared) {
			const effect = this.visits.fit().nodes.get(node);
			if (effect === undefined || !(speed > 0)) continue;
			const weight = this.visits.nodeSpread(node) ** -2 - SPREADS.node ** -2;
			sum += weight * (effect + Math.log(speed));
			precision += weight;
		}
		this.cached = { revision: this.visits.revision, origin: sum / precision };
		return this.cached.origin;
	}
}
