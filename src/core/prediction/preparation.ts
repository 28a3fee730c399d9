import type { WorkloadKey } from "../cluster/workload.ts";
import { cpuDemand } from "../features/cpu-demand.ts";
import { type NodeInputs, NodeTable } from "../features/node-table.ts";
import type { EstimateInputs } from "../features/observed.ts";
import { FeaturePlan } from "../features/plan.ts";
import type { Situation } from "../features/situation.ts";
import { type WorkloadColumns, workloadColumns } from "../features/workload-columns.ts";
import type { Model } from "../model/model.ts";
import type { Memory } from "../recommendation/memory.ts";
import type { Calibrator } from "./calibration.ts";
import type { PredictionRequest } from "./request.ts";

/** What predictions are made from. `now` is in ms since the epoch. */
export interface PredictionInputs extends NodeInputs {
	readonly calibrator?: Calibrator | undefined;
	/** What this process's evaluations have left, for admission to decide by the same values. */
	readonly memories?: ReadonlyMap<WorkloadKey, Pick<Memory, "levels">> | undefined;
}

/**
 * Node windows and plans that all predictions of one collection share. Make one per collection, or when
 * nodes come and go, with `prepare`; the ledger is read anew by every prediction.
 */
export class Preparation {
	readonly inputs: PredictionInputs;
	readonly nodes: NodeTable;
	private readonly plans = new Map<Model, FeaturePlan>();
	private readonly workloads = new WeakMap<PredictionRequest, WorkloadColumns>();

	constructor(inputs: PredictionInputs) {
		this.inputs = inputs;
		this.nodes = new NodeTable(inputs);
	}

	get estimateInputs(): EstimateInputs {
		const { metrics, speeds, now } = this.inputs;
		return { metrics, nodes: this.nodes, speeds, now };
	}

	plan(model: Model): FeaturePlan {
		let plan = this.plans.get(model);
		if (!plan) {
			plan = new FeaturePlan(model.metadata, this.nodes);
			this.plans.set(model, plan);
		}
		return plan;
	}

	/** The workload side of a request's input; the same for all its nodes. */
	workload(request: PredictionRequest): WorkloadColumns {
		const key = request.basis ?? request;
		let columns = this.workloads.get(key);
		if (!columns) {
			columns = workloadColumns(request.model.metadata, situationOf(request), this.estimateInputs);
			this.workloads.set(key, columns);
		}
		return columns;
	}

	/**
	 * Cores that one pod of the workload would use on a node, for a reservation in the ledger; NaN when
	 * the node's speed is Unknown.
	 */
	cpuCoresOn(node: string, request: PredictionRequest): number {
		const speed = this.nodes.speed[this.nodes.row(node)] ?? Number.NaN;
		const columns = this.workload(request);
		const demand = columns.known ? columns.cpuDemand : cpuDemand(situationOf(request), this.estimateInputs);
		return demand / speed;
	}
}

export function prepare(inputs: PredictionInputs): Preparation {
	return new Preparation(inputs);
}

/** The request as the features see it. */
export function situationOf(request: PredictionRequest): Situation {
	const { workload, policy, currentNodes, settledSince, cpuRequest, cpuLimit, currentCpuLimit, replicas } = request;
	const { objective } = policy;
	return { workload, objective, currentNodes, settledSince, cpuRequest, cpuLimit, currentCpuLimit, replicas };
}
