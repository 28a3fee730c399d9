import { NO_ROW, type NodeTable } from "./node-table.ts";

/** Cores that a pod without a CPU request weighs: two of 1024 shares. */
const LEAST_WEIGHT = 2 / 1024;

/** CPU use of a node that gives way to others by weight; all as shares of its allocatable CPU but for the weights. */
export interface ElasticLoad {
	/** All use. */
	readonly utilization: number;
	/** Of containers that use more than they asked for: they would take whatever is left. */
	readonly elastic: number;
	/** What those asked for, in cores. */
	readonly weight: number;
}

/**
 * Share of a node's CPU that looks used, and is given up to a pod that asked for `request` cores as soon as it wants
 * it: of what the others leave, elastic load keeps no more than its weight (requests are CPU shares) beside the
 * pod's. A BestEffort burner gives up nearly everything, one that asked for ten times as much nearly nothing.
 */
export function relief({ utilization, elastic, weight }: ElasticLoad, request: number): number {
	if (!(elastic > 0)) return 0;
	const left = 1 - (utilization - elastic);
	const kept = left * (weight / (weight + Math.max(request, LEAST_WEIGHT)));
	return Math.max(0, elastic - Math.max(kept, 0));
}

/** How the load of nodes looks to a pod of one weight. */
export class Contention {
	private readonly nodes: NodeTable;
	private readonly request: number;
	private readonly scratch: Float32Array;

	/** @param request CPU request of the pod, in cores */
	constructor(nodes: NodeTable, request: number) {
		this.nodes = nodes;
		this.request = request;
		this.scratch = new Float32Array(nodes.utilization.steps);
	}

	/**
	 * What to take off a node's utilization, by step; `undefined` where that is nothing, or it is not known who uses
	 * the CPU. Read it at once: the next call may write to the same array.
	 */
	relief(row: number): Float32Array | undefined {
		if (row === NO_ROW || !this.nodes.isElastic(row)) return undefined;
		const { elastic, elasticWeight, utilization } = this.nodes;
		const { steps } = utilization;
		for (let step = 0, at = row * steps; step < steps; step += 1, at += 1) {
			const load = {
				utilization: utilization.values[at] as number,
				elastic: elastic.values[at] as number,
				weight: elasticWeight.values[at] as number,
			};
			this.scratch[step] = relief(load, this.request);
		}
		return this.scratch;
	}

	/**
	 * Smallest and largest utilization that is left, over the kept steps from one on; of a row that was read. `undefined`
	 * where those of all that is measured hold.
	 */
	bounds(row: number, from: number): { readonly lowest: number; readonly highest: number } | undefined {
		const less = this.relief(row);
		if (!less && from === 0) return undefined;
		const left = this.nodes.utilization.window(row).map((used, step) => used - (less?.[step] ?? 0));
		const since = left.subarray(from);
		return { lowest: Math.min(...since), highest: Math.max(...since) };
	}
}
