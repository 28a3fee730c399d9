import type { Ledger } from "../features/ledger.ts";
import type { Policy } from "../policy/policy.ts";
import { predict } from "../prediction/predict.ts";
import { type Prediction, type PredictionTable, predictionAt } from "../prediction/prediction.ts";
import type { Preparation } from "../prediction/preparation.ts";
import type { PredictionRequest, PredictionResult } from "../prediction/request.ts";
import { pessimistic } from "../recommendation/gain.ts";

type UnknownPredictions = Extract<PredictionResult, { known: false }>;

/** Predictions of one workload's pods on its candidate nodes, brought up to date node by node as the ledger changes. */
export class NodePredictions {
	readonly request: PredictionRequest;
	readonly preparation: Preparation;
	/** Smoothed where the workload was evaluated before. */
	readonly table: PredictionTable;
	/** Revision of the node in the ledger when its prediction was made. */
	private readonly revisions: Float64Array;
	private readonly ledger: Ledger;
	private readonly policy: Policy;

	private constructor(
		request: PredictionRequest,
		preparation: Preparation,
		made: { readonly table: PredictionTable; readonly revisions: Float64Array; readonly policy: Policy },
	) {
		this.request = request;
		this.preparation = preparation;
		this.table = made.table;
		this.revisions = made.revisions;
		this.policy = made.policy;
		this.ledger = preparation.inputs.ledger;
	}

	/** Predicts on every node of the request. */
	static async make(
		request: PredictionRequest,
		policy: Policy,
		preparation: Preparation,
	): Promise<NodePredictions | UnknownPredictions> {
		const { ledger } = preparation.inputs;
		// Read before the call: it takes the ledger's load over before its first await.
		const revisions = Float64Array.from(request.nodes, (node) => ledger.revision(node));
		const [result] = (await predict([request], preparation)) as [PredictionResult];
		if (!result.known) return result;
		if (result.untrusted !== undefined) return { known: false, reason: "NotRecorded", message: result.untrusted };
		const table = smoothed(result.table, request, preparation);
		return new NodePredictions(request, preparation, { table, revisions, policy });
	}

	get nodes(): readonly string[] {
		return this.request.nodes;
	}

	/** The order of places: less is better, NaN is Unknown; the same as places are ranked by. */
	score(index: number): number {
		const predicted = this.prediction(index);
		if (!predicted) return Number.NaN;
		const { objective, rebalance } = this.policy;
		const sign = objective.direction === "Minimize" ? 1 : -1;
		return sign * pessimistic(predicted, objective.direction, rebalance.confidence);
	}

	prediction(index: number): Prediction | undefined {
		return predictionAt(this.table, index);
	}

	/** Whether no load was reserved or released on the node since its prediction. */
	isCurrent(index: number): boolean {
		return this.revisions[index] === this.ledger.revision(this.nodes[index] ?? "");
	}

	/** Predicts anew on some nodes; what cannot be predicted becomes Unknown. */
	async refresh(indices: readonly number[]): Promise<void> {
		const nodes = indices.map((index) => this.nodes[index] ?? "");
		for (const index of indices) this.revisions[index] = this.ledger.revision(this.nodes[index] ?? "");
		const [result] = (await predict([{ ...this.request, nodes, basis: this.request }], this.preparation)) as [
			PredictionResult,
		];
		const { value, lower, upper } = this.table;
		const fresh = result.known ? smoothed(result.table, this.request, this.preparation) : undefined;
		indices.forEach((index, position) => {
			const predicted = fresh && predictionAt(fresh, position);
			value[index] = predicted?.value ?? Number.NaN;
			lower[index] = predicted?.lower ?? Number.NaN;
			upper[index] = predicted?.upper ?? Number.NaN;
		});
	}

	/** Cores that one pod would use on a node. */
	cpuCoresOn(node: string): number {
		return this.preparation.cpuCoresOn(node, this.request);
	}
}

/** As evaluations see it, so that a moved pod is not placed back by a momentary value. */
function smoothed(table: PredictionTable, { workload }: PredictionRequest, { inputs }: Preparation): PredictionTable {
	return inputs.memories?.get(workload)?.levels.smooth(table) ?? table;
}
