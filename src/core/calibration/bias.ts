import type { WorkloadKey } from "../cluster/workload.ts";
import { type Effects, fitEffects, nodePrecisions, pairEffect, type Spreads } from "./effects.ts";
import { addError, newResidual, type Residual, significantMean } from "./residual.ts";

const NO_EFFECTS: Effects = { workloads: new Map(), nodes: new Map() };

/** Systematic relative errors by workload and node, as logarithms of actual over predicted. */
export class Bias {
	readonly residuals = new Map<WorkloadKey, Map<string, Residual>>();
	private readonly spreads: Spreads;
	private readonly evidence: number;
	private effects = NO_EFFECTS;
	private precisions: ReadonlyMap<string, number> = new Map();
	private isFitted = true;
	/** Changes whenever the effects do. */
	revision = 0;

	/** `evidence`: see `significantMean`. */
	constructor(spreads: Spreads, evidence: number) {
		this.spreads = spreads;
		this.evidence = evidence;
	}

	learn(workload: WorkloadKey, node: string, { error, windows }: { error: number; windows: number }): void {
		const byNode = this.residuals.get(workload) ?? new Map<string, Residual>();
		this.residuals.set(workload, byNode);
		const residual = byNode.get(node) ?? newResidual();
		byNode.set(node, residual);
		addError(residual, error, windows);
		this.isFitted = false;
	}

	/** Puts back what was learned before. */
	restore(workload: WorkloadKey, node: string, residual: Residual): void {
		const byNode = this.residuals.get(workload) ?? new Map<string, Residual>();
		this.residuals.set(workload, byNode.set(node, residual));
		this.isFitted = false;
	}

	/** Drops a workload, or one node of it. */
	forget(workload: WorkloadKey, node?: string): void {
		const byNode = this.residuals.get(workload);
		if (!byNode) return;
		if (node !== undefined && !byNode.delete(node)) return;
		if (node === undefined || byNode.size === 0) this.residuals.delete(workload);
		this.isFitted = false;
	}

	clear(): void {
		this.residuals.clear();
		this.isFitted = false;
	}

	/** Nodes that the workload was on. */
	nodesOf(workload: WorkloadKey): Iterable<string> {
		return this.residuals.get(workload)?.keys() ?? [];
	}

	ofWorkload(workload: WorkloadKey): number {
		return this.fit().workloads.get(workload) ?? 0;
	}

	ofNode(node: string): number {
		return this.fit().nodes.get(node) ?? 0;
	}

	/** Beyond what workload and node have each. */
	ofPair(workload: WorkloadKey, node: string): number {
		const residual = this.residuals.get(workload)?.get(node);
		if (!residual) return 0;
		const rest = significantMean(residual, this.evidence) - this.ofWorkload(workload) - this.ofNode(node);
		return pairEffect(rest, residual.weight, this.spreads);
	}

	of(workload: WorkloadKey, node: string): number {
		return this.ofWorkload(workload) + this.ofNode(node) + this.ofPair(workload, node);
	}

	/** Standard deviation of what is not known of a node's effect: as without data where nobody can be compared. */
	nodeSpread(node: string): number {
		this.fit();
		return (this.precisions.get(node) ?? this.spreads.node ** -2) ** -0.5;
	}

	/** Brings the effects up to date. */
	fit(): Effects {
		if (this.isFitted) return this.effects;
		const pairs = [...this.residuals].flatMap(([workload, byNode]) =>
			Array.from(byNode, ([node, residual]) => {
				const mean = significantMean(residual, this.evidence);
				return { workload, node, mean, weight: residual.weight };
			}),
		);
		this.effects = fitEffects(pairs, this.spreads);
		this.precisions = nodePrecisions(pairs, this.spreads);
		this.isFitted = true;
		this.revision += 1;
		return this.effects;
	}
}
