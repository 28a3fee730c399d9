/** Mean relative error of one workload on one node. */
export interface PairMean {
	readonly workload: string;
	readonly node: string;
	readonly mean: number;
	/** Windows that it rests on. */
	readonly weight: number;
}

/** Effects as logarithms; a workload or node without data has none. */
export interface Effects {
	readonly workloads: ReadonlyMap<string, number>;
	readonly nodes: ReadonlyMap<string, number>;
}

/** Standard deviations of the logarithms: between workloads, nodes and pairs, and of one window's mean. */
export interface Spreads {
	readonly workload: number;
	readonly node: number;
	readonly pair: number;
	readonly window: number;
}

/** Largest change of an effect in the last sweep. */
const TOLERANCE = 1e-6;
const MOST_SWEEPS = 100;

/**
 * Splits means into effects of workload and node, each shrunk to 0 by how little it rests on: the best
 * linear unbiased prediction of crossed random effects (Henderson, Biometrics 31, 1975), by backfitting.
 * What is left belongs to the pair, see `pairEffect`.
 */
export function fitEffects(pairs: readonly PairMean[], spreads: Spreads): Effects {
	// In one order whatever came first, so that the same data give the same sums.
	const sorted = pairs.toSorted((left, right) => order(left.workload, right.workload) || order(left.node, right.node));
	const means = Float64Array.from(sorted, ({ mean }) => mean);
	const precisions = Float64Array.from(sorted, ({ weight }) => precisionOf(weight, spreads));
	const workloads = new Factor(
		sorted.map(({ workload }) => workload),
		precisions,
		spreads.workload,
	);
	const nodes = new Factor(
		sorted.map(({ node }) => node),
		precisions,
		spreads.node,
	);
	for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
		const moved = Math.max(workloads.update(means, nodes), nodes.update(means, workloads));
		if (moved < TOLERANCE) break;
	}
	return { workloads: workloads.byLevel(), nodes: nodes.byLevel() };
}

/**
 * How well each node's effect is known: one over its variance. What a workload says of a node counts as far as
 * its own effect is known from other nodes.
 */
export function nodePrecisions(pairs: readonly PairMean[], spreads: Spreads): ReadonlyMap<string, number> {
	const known = new Map<string, number>();
	for (const { workload, weight } of pairs) {
		known.set(workload, (known.get(workload) ?? spreads.workload ** -2) + precisionOf(weight, spreads));
	}
	const nodes = new Map<string, number>();
	for (const { workload, node, weight } of pairs) {
		const own = precisionOf(weight, spreads);
		const others = (known.get(workload) as number) - own;
		nodes.set(node, (nodes.get(node) ?? spreads.node ** -2) + 1 / (1 / own + 1 / others));
	}
	return nodes;
}

function precisionOf(weight: number, { pair, window }: Spreads): number {
	return 1 / (pair ** 2 + window ** 2 / weight);
}

/** What is left of a pair's mean beyond the effects of its workload and node, shrunk likewise. */
export function pairEffect(rest: number, weight: number, { pair, window }: Spreads): number {
	return rest * (pair ** 2 / (pair ** 2 + window ** 2 / weight));
}

/** One of the two factors: an effect per level, and the level of every pair. */
class Factor {
	private readonly levels: readonly string[];
	private readonly levelOf: Int32Array;
	private readonly effects: Float64Array;
	private readonly precisions: Float64Array;
	private readonly totals: Float64Array;
	private readonly sums: Float64Array;

	constructor(labels: readonly string[], precisions: Float64Array, sigma: number) {
		this.levels = [...new Set(labels)];
		const index = new Map(this.levels.map((level, position) => [level, position]));
		this.levelOf = Int32Array.from(labels, (label) => index.get(label) as number);
		this.effects = new Float64Array(this.levels.length);
		this.sums = new Float64Array(this.levels.length);
		this.precisions = precisions;
		this.totals = new Float64Array(this.levels.length).fill(sigma ** -2);
		for (let pair = 0; pair < precisions.length; pair += 1) {
			add(this.totals, this.levelOf[pair] as number, precisions[pair] as number);
		}
	}

	/** Sets the effects to what the other factor leaves to explain; returns how far the furthest moved. */
	update(means: Float64Array, other: Factor): number {
		const { sums, effects, precisions, totals } = this;
		sums.fill(0);
		for (let pair = 0; pair < means.length; pair += 1) {
			const rest = (means[pair] as number) - other.at(pair);
			add(sums, this.levelOf[pair] as number, (precisions[pair] as number) * rest);
		}
		let moved = 0;
		for (let level = 0; level < sums.length; level += 1) {
			const effect = (sums[level] as number) / (totals[level] as number);
			moved = Math.max(moved, Math.abs(effect - (effects[level] as number)));
			effects[level] = effect;
		}
		return moved;
	}

	byLevel(): ReadonlyMap<string, number> {
		return new Map(this.levels.map((level, position) => [level, this.effects[position] as number]));
	}

	private at(pair: number): number {
		return this.effects[this.levelOf[pair] as number] as number;
	}
}

function add(values: Float64Array, index: number, value: number): void {
	values[index] = (values[index] as number) + value;
}

function order(left: string, right: string): number {
	return left === right ? 0 : left < right ? -1 : 1;
}
