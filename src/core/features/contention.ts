import { NO_ROW, type NodeTable } from "./node-table.ts";

/** Cores that a pod without a CPU request weighs: two of 1024 shares. */
const LEAST_WEIGHT = 2 / 1024;

/**
 * What a pod gets of its share on a node of less than one core, beside load that takes all it can: such a node stops all its
 * pods for the rest of every period whose CPU is used up, whoever has used it. Measured: docs/shares.md.
 */
const SHARE_OF_PART = 0.8;

/** CPU use of a node that gives way to others by weight; all as shares of its allocatable CPU but for the weights. */
export interface ElasticLoad {
	/** The node's allocatable CPU in cores. */
	readonly cores: number;
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
 * pod's. A BestEffort burner gives up nearly everything, one that asked for ten times as much nearly nothing; on a node of
 * less than one core both give up a fifth less.
 */
export function relief({ cores, utilization, elastic, weight }: ElasticLoad, request: number): number {
	if (!(elastic > 0)) return 0;
	const left = Math.max(0, 1 - (utilization - elastic));
	const asked = Math.max(request, LEAST_WEIGHT);
	const given = (asked / (weight + asked)) * (cores < 1 ? SHARE_OF_PART : 1);
	return Math.max(0, elastic - left * (1 - given));
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
		const { cores, elastic, elasticWeight, utilization } = this.nodes;
		const { steps } = utilization;
		for (let step = 0, at = row * steps; step < steps; step += 1, at += 1) {
			const load = {
				cores: cores[row] as number,
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
