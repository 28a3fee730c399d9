import type { Node } from "../cluster/node.ts";
import { GONE, type Verdict } from "../feasibility/verdict.ts";
import type { Policy } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import { placesOf } from "../recommendation/candidates.ts";
import { bestDomain } from "../recommendation/rank.ts";
import { Heap } from "./heap.ts";
import type { NodePredictions } from "./node-predictions.ts";
import { Refusals } from "./refusals.ts";

/** The best place for a pod, or one line that says why there is none. */
export type Choice =
	| { readonly found: true; readonly node: string; readonly domain: string; readonly predicted: Prediction }
	| { readonly found: false; readonly message: string };

/** What a choice is made among; read anew after every await. */
export interface Places {
	node(name: string): Node | undefined;
	/** A new checker: one that was made before the ledger or the cluster changed must not be used. */
	checker(): (node: Node) => Verdict;
}

/** Chooses among the candidate nodes of one workload. Calls must not overlap. */
export interface Chooser {
	choose(places: Places): Promise<Choice>;
}

/** Nodes predicted in one go while a pod waits. */
const MAX_REFRESHED = 64;

/** Made for a policy whose topology key tells every node from every other. */
export class NodeChooser implements Chooser {
	private readonly predictions: NodePredictions;
	private readonly topologyKey: string;
	private readonly scores: Float64Array;
	/** Positions of nodes with a known prediction, best first. */
	private readonly heap: Heap;

	constructor(predictions: NodePredictions, policy: Policy) {
		this.predictions = predictions;
		this.topologyKey = policy.placement.topologyKey;
		const { nodes } = predictions;
		this.scores = Float64Array.from(nodes, (_, index) => predictions.score(index));
		const known = [...nodes.keys()].filter((index) => !Number.isNaN(this.scores[index]));
		this.heap = new Heap(known, (left, right) => this.isBefore(left, right));
	}

	/**
	 * Takes nodes off the top until one is feasible. Predictions are made anew only for nodes that come to
	 * the top after the ledger changed there: admission must not cost a prediction per node.
	 */
	async choose(places: Places): Promise<Choice> {
		const { heap, predictions } = this;
		const refusals = new Refusals(predictions.nodes.length);
		const aside: number[] = [];
		let check = places.checker();
		try {
			for (let index = heap.peek(); index !== undefined; index = heap.peek()) {
				if (!predictions.isCurrent(index)) {
					await this.refreshTop();
					check = places.checker();
					continue;
				}
				const name = predictions.nodes[index] ?? "";
				const node = places.node(name);
				const verdict = node && check(node);
				const predicted = predictions.prediction(index);
				if (node && verdict?.feasible && predicted) {
					return { found: true, node: name, domain: node.labels[this.topologyKey] ?? "", predicted };
				}
				refusals.add(verdict);
				aside.push(index);
				heap.pop();
			}
			return { found: false, message: refusals.summary() };
		} finally {
			for (const index of aside) heap.push(index);
		}
	}

	/** Predicts the outdated nodes above the first that is up to date in one go: a call costs more than its rows. */
	private async refreshTop(): Promise<void> {
		const { heap, predictions } = this;
		const outdated: number[] = [];
		for (let index = heap.peek(); index !== undefined && outdated.length < MAX_REFRESHED; index = heap.peek()) {
			if (predictions.isCurrent(index)) break;
			outdated.push(index);
			heap.pop();
		}
		await predictions.refresh(outdated);
		for (const index of outdated) {
			const score = predictions.score(index);
			this.scores[index] = score;
			if (!Number.isNaN(score)) heap.push(index);
		}
	}

	private isBefore(left: number, right: number): boolean {
		const difference = (this.scores[left] as number) - (this.scores[right] as number);
		if (difference !== 0) return difference < 0;
		const { nodes } = this.predictions;
		return (nodes[left] as string) < (nodes[right] as string);
	}
}

/** For a topology key that several nodes share: a domain is as good as its worst feasible node, so all are judged. */
export class DomainChooser implements Chooser {
	private readonly predictions: NodePredictions;
	private readonly policy: Policy;

	constructor(predictions: NodePredictions, policy: Policy) {
		this.predictions = predictions;
		this.policy = policy;
	}

	async choose(places: Places): Promise<Choice> {
		const { predictions, policy } = this;
		for (let changed = this.changed(); changed.length > 0; changed = this.changed()) await predictions.refresh(changed);
		const refusals = new Refusals(predictions.nodes.length);
		const check = places.checker();
		const domains: string[] = [];
		const verdicts = predictions.nodes.map((name) => {
			const node = places.node(name);
			const domain = node?.labels[policy.placement.topologyKey];
			const verdict = node && domain !== undefined ? check(node) : GONE;
			domains.push(domain ?? name);
			if (!verdict.feasible) refusals.add(verdict);
			return verdict;
		});
		const verdict = (index: number) => verdicts[index] ?? GONE;
		const feasibility = { verdict, isFeasible: (index: number) => verdict(index).feasible };
		const table = { ...placesOf(predictions.nodes, domains), feasibility, predictions: predictions.table };
		const best = bestDomain(table, policy);
		return best ? { found: true, ...best } : { found: false, message: refusals.summary() };
	}

	private changed(): number[] {
		return [...this.predictions.nodes.keys()].filter((index) => !this.predictions.isCurrent(index));
	}
}
