import type { Node } from "../cluster/node.ts";
import { GONE, type Verdict } from "../feasibility/verdict.ts";
import type { Policy } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import { placesOf } from "../recommendation/candidates.ts";
import { breaches, gainUnit } from "../recommendation/gain.ts";
import { bestDomain } from "../recommendation/rank.ts";
import { Heap } from "./heap.ts";
import type { NodePredictions } from "./node-predictions.ts";
import { Refusals } from "./refusals.ts";
import type { Siblings } from "./siblings.ts";

export interface Chosen {
	readonly found: true;
	readonly node: string;
	readonly domain: string;
	readonly predicted: Prediction;
}

/** The best place for a pod, or one line that says why there is none. */
export type Choice = Chosen | { readonly found: false; readonly message: string };

/** What a choice is made among; a checker is made anew after every await. */
export interface ChoiceContext {
	node(name: string): Node | undefined;
	/**
	 * A new checker, put together at its first use: one that was used before the ledger or the cluster changed must
	 * not be used again.
	 */
	checker(): (node: Node) => Verdict;
	/** As live as the caches. */
	siblings(): Siblings;
}

/** Chooses among the candidate nodes of one workload. Calls must not overlap. */
export interface Chooser {
	choose(context: ChoiceContext): Promise<Choice>;
}

/** The context as it was when last looked at. */
interface Seen {
	readonly context: ChoiceContext;
	readonly siblings: Siblings;
	readonly check: (node: Node) => Verdict;
}

/** Nodes predicted in one go while a pod waits. */
const MAX_REFRESHED = 64;

/**
 * Made for a policy whose topology key tells every node from every other. Replicas spread: each sibling on a node
 * counts as much as the smallest gain that the policy cares for, and not all replicas go to one node while another
 * keeps the objective.
 */
export class NodeChooser implements Chooser {
	private readonly predictions: NodePredictions;
	private readonly policy: Policy;
	/** What one sibling adds to a node's score. */
	private readonly apart: number;
	private readonly scores: Float64Array;
	/** Siblings that are in the scores, and of which template they are. */
	private readonly counted: Uint32Array;
	private template: string | undefined;
	/** Positions of nodes with a known prediction, best first. */
	private heap: Heap;

	constructor(predictions: NodePredictions, policy: Policy) {
		this.predictions = predictions;
		this.policy = policy;
		this.scores = new Float64Array(predictions.nodes.length);
		this.counted = new Uint32Array(predictions.nodes.length);
		this.apart = 0;
		this.heap = this.ordered();
		const best = predictions.prediction(this.heap.peek() ?? -1)?.value ?? 0;
		this.apart = (gainUnit(policy.objective, best) ?? 0) * policy.rebalance.minGain;
	}

	/**
	 * Takes nodes off the top until one is feasible. Predictions are made anew only for nodes that come to
	 * the top after the ledger changed there: admission must not cost a prediction per node.
	 */
	async choose(context: ChoiceContext): Promise<Choice> {
		const { predictions } = this;
		const refusals = new Refusals(predictions.nodes.length);
		const aside: number[] = [];
		const siblings = context.siblings();
		this.countFor(siblings.template);
		let seen: Seen = { context, siblings, check: context.checker() };
		/** The best node, where all replicas would be together. */
		let together: Chosen | undefined;
		try {
			for (let index = this.heap.peek(); index !== undefined; index = this.heap.peek()) {
				if (!predictions.isCurrent(index)) {
					await this.refreshTop();
					seen = { context, siblings, check: context.checker() };
					continue;
				}
				if (this.recounted(index, siblings)) continue;
				if (together && this.breaksObjective(index)) return together;
				const choice = this.judge(index, seen, refusals);
				if (choice && (together || !wouldBeAll(choice, seen))) return choice;
				together ??= choice;
				aside.push(index);
				this.heap.pop();
			}
			return together ?? { found: false, message: refusals.summary() };
		} finally {
			for (const index of aside) this.heap.push(index);
		}
	}

	/** A new template begins with no siblings anywhere. */
	private countFor(template: string): void {
		if (template === this.template) return;
		this.template = template;
		if (this.counted.every((count) => count === 0)) return;
		this.counted.fill(0);
		this.heap = this.ordered();
	}

	/** The node's choice, where it is feasible and known. */
	private judge(index: number, { context, check }: Seen, refusals: Refusals): Chosen | undefined {
		const name = this.predictions.nodes[index] ?? "";
		const node = context.node(name);
		const verdict = node && check(node);
		const predicted = this.predictions.prediction(index);
		if (node && verdict?.feasible && predicted) {
			return { found: true, node: name, domain: node.labels[this.policy.placement.topologyKey] ?? "", predicted };
		}
		refusals.add(verdict);
		return undefined;
	}

	/** Whether the top node had other siblings than its score said; it has taken its new place then. */
	private recounted(index: number, siblings: Siblings): boolean {
		const count = siblings.on(this.predictions.nodes[index] ?? "");
		if (count === this.counted[index]) return false;
		this.counted[index] = count;
		this.heap.pop();
		this.rescore(index);
		this.heap.push(index);
		return true;
	}

	private breaksObjective(index: number): boolean {
		const predicted = this.predictions.prediction(index);
		return predicted !== undefined && breaches(this.policy.objective, predicted.value);
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
			this.rescore(index);
			if (!Number.isNaN(this.scores[index])) heap.push(index);
		}
	}

	private rescore(index: number): void {
		this.scores[index] = this.predictions.score(index) + this.apart * (this.counted[index] ?? 0);
	}

	private ordered(): Heap {
		const indices = [...this.predictions.nodes.keys()];
		for (const index of indices) this.rescore(index);
		const known = indices.filter((index) => !Number.isNaN(this.scores[index]));
		return new Heap(known, (left, right) => this.isBefore(left, right));
	}

	private isBefore(left: number, right: number): boolean {
		const difference = (this.scores[left] as number) - (this.scores[right] as number);
		if (difference !== 0) return difference < 0;
		const { nodes } = this.predictions;
		return (nodes[left] as string) < (nodes[right] as string);
	}
}

/** Whether every replica would be on that node. */
function wouldBeAll({ node }: Chosen, { siblings }: Seen): boolean {
	const there = siblings.on(node);
	return there > 0 && there + 1 >= siblings.replicas;
}

/** For a topology key that several nodes share: a domain is as good as its worst feasible node, so all are judged. */
export class DomainChooser implements Chooser {
	private readonly predictions: NodePredictions;
	private readonly policy: Policy;

	constructor(predictions: NodePredictions, policy: Policy) {
		this.predictions = predictions;
		this.policy = policy;
	}

	async choose(context: ChoiceContext): Promise<Choice> {
		const { predictions, policy } = this;
		for (let changed = this.changed(); changed.length > 0; changed = this.changed()) await predictions.refresh(changed);
		const refusals = new Refusals(predictions.nodes.length);
		const check = context.checker();
		const domains: string[] = [];
		const verdicts = predictions.nodes.map((name) => {
			const node = context.node(name);
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
