import type { Measurement } from "../../core/metrics/metric.ts";
import type { Direction, Policy } from "../../core/policy/policy.ts";
import { improvement } from "../../core/recommendation/gain.ts";
import type { NodeRegister } from "../trace/ticks.ts";

/** What a policy knows of one workload at one tick. Columns are by node number; NaN is Unknown. */
export interface Sight {
	/** ms since the epoch. */
	readonly time: number;
	readonly nodes: NodeRegister;
	/** Nodes that are there at this tick, in any order. */
	readonly present: readonly number[];
	/** The node where this policy has put the workload. */
	readonly current: number;
	readonly predicted: Float64Array;
	/** Ends of the 90 % interval, where the trace has them. */
	readonly lower: Float64Array | undefined;
	readonly upper: Float64Array | undefined;
	/** The newest actual value of where the workload was; that of other nodes nobody can know. */
	readonly measured: Measurement;
}

/** A move, effective at once. */
export interface Choice {
	readonly node: number;
	readonly reason: string;
}

/** Decides for one workload, tick after tick; what it remembers is its own affair. */
export interface PlacementPolicy {
	/** `undefined`: stay. */
	decide(sight: Sight): Choice | undefined;
}

export interface PolicyContext {
	readonly policy: Policy;
	/** Name in the trace. */
	readonly workload: string;
	/** Seconds from one tick to the next. */
	readonly stepSeconds: number;
}

/** The present node with the best value, the first by name among equals; `undefined` when all are Unknown. */
export function bestOf({ present, nodes }: Sight, values: Float64Array, direction: Direction): number | undefined {
	let best: number | undefined;
	for (const node of present) {
		const value = values[node] as number;
		if (Number.isNaN(value)) continue;
		const lead = best === undefined ? 1 : improvement(direction, values[best] as number, value);
		const isFirst = best !== undefined && (nodes.names[node] as string) < (nodes.names[best] as string);
		if (lead > 0 || (lead === 0 && isFirst)) best = node;
	}
	return best;
}

/** A number as reasons show it. */
export function shown(value: number): string {
	return String(Number(value.toPrecision(4)));
}
