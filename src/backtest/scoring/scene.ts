import type { Direction, Objective } from "../../core/policy/policy.ts";
import { breaches, improvement } from "../../core/recommendation/gain.ts";
import type { WorkloadTick } from "../trace/ticks.ts";

/** What is predicted for the nodes of one workload at one tick; by node number, NaN is Unknown. */
export interface Outlook {
	readonly predicted: Float64Array;
	readonly lower: Float64Array | undefined;
	readonly upper: Float64Array | undefined;
}

/** What one tick of one workload is worth on each node: the same for every policy. */
export interface Scene {
	/** In the objective's unit. */
	readonly values: Float64Array;
	/** As the trace has them; NaN is Unknown. */
	readonly actual: Float64Array;
	/** 1 where the actual value misses the target. */
	readonly violated: Uint8Array;
	/** Nothing is known of any node: the tick counts for nobody. */
	readonly counts: boolean;
}

/**
 * Gives every node a value at every tick, so that all policies are charged for the same ticks: a gap
 * counts as the node's last known value, and a node of which nothing was ever known as the worst of the others.
 */
export class SceneMaker {
	private known = new Float64Array(0);
	private readonly objective: Objective;

	constructor(objective: Objective) {
		this.objective = objective;
	}

	scene({ nodes }: WorkloadTick, actual: Float64Array): Scene {
		this.take(actual, nodes.names.length);
		const { direction } = this.objective;
		const worst = worstOf(this.known, direction);
		const counts = !Number.isNaN(worst);
		const values = this.known.map((value) => (Number.isNaN(value) ? (counts ? worst : 0) : value));
		return { values, actual, violated: Uint8Array.from(actual, (value) => this.misses(value)), counts };
	}

	private take(actual: Float64Array, size: number): void {
		if (this.known.length < size) {
			const larger = new Float64Array(size).fill(Number.NaN);
			larger.set(this.known);
			this.known = larger;
		}
		for (const [node, value] of actual.entries()) if (!Number.isNaN(value)) this.known[node] = value;
	}

	private misses(value: number): number {
		return !Number.isNaN(value) && breaches(this.objective, value) ? 1 : 0;
	}
}

function worstOf(values: Float64Array, direction: Direction): number {
	let worst = Number.NaN;
	for (const value of values) {
		if (Number.isNaN(value)) continue;
		if (Number.isNaN(worst) || improvement(direction, worst, value) < 0) worst = value;
	}
	return worst;
}

/** Share of one tick's value that a move costs, an outage of 30 s, for ticks of this length. */
export function outageShare(stepSeconds: number): number {
	return 30 / stepSeconds;
}
