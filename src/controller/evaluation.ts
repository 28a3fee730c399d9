import type { Learned } from "../core/calibration/learned.ts";
import { selects } from "../core/cluster/selectors.ts";
import type { ClusterState } from "../core/cluster/state.ts";
import type { WorkloadKey } from "../core/cluster/workload.ts";
import { decisionEntry } from "../core/decision-log/decision.ts";
import type { DecisionLog } from "../core/decision-log/entry.ts";
import type { Ledger } from "../core/features/ledger.ts";
import type { Job } from "../core/job/job.ts";
import type { MetricReader } from "../core/metrics/metric.ts";
import type { Command } from "../core/migration/command.ts";
import type { ModelRegistry } from "../core/model/model.ts";
import { type Evaluated, evaluate, type PipelineInputs } from "../core/pipeline.ts";
import type { PolicyCondition } from "../core/policy/condition.ts";
import { governing } from "../core/policy/governing.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { Memory } from "../core/recommendation/memory.ts";
import type { Evaluation } from "../core/recommendation/recommendation.ts";
import type { Learner } from "./learning.ts";
import { ModelEvents } from "./model-events.ts";
import { policyConditions } from "./policy-conditions.ts";
import { StayEvents } from "./stay-events.ts";
import type { TimedStep } from "./steps.ts";

/** Port: where evaluations are published. Neither method rejects. */
export interface ReportSink {
	write(reports: Iterable<{ evaluation: Evaluation; context: { policy: Policy; unit: string } }>): Promise<number>;
	/** Deletes the reports of workloads that are not governed any more. */
	prune(governed: ReadonlySet<WorkloadKey>): Promise<void>;
}

/** Port: where the conditions of policies are kept. Never rejects. */
export interface PolicyStatusSink {
	write(policy: Policy, conditions: readonly PolicyCondition[]): Promise<void>;
}

export interface EvaluatorOptions {
	readonly cluster: () => ClusterState;
	readonly metrics: MetricReader;
	readonly models: ModelRegistry & { refresh(): Promise<void> };
	readonly ledger: Ledger;
	readonly learned: Learned;
	readonly learner: Learner;
	/** What evaluations leave to the next ones; kept up to date here. */
	readonly memories: Map<WorkloadKey, Memory>;
	readonly reports: ReportSink;
	readonly policyStatus: PolicyStatusSink;
	/** Absent: decisions are not kept. */
	readonly decisionLog?: DecisionLog | undefined;
	readonly collect: () => Promise<void>;
	/** Jobs of this namespace act on all namespaces. */
	readonly ownNamespace: string;
	readonly clock: () => number;
}

/** Evaluates workloads and publishes what was found. */
export class Evaluator {
	private readonly options: EvaluatorOptions;
	private readonly modelEvents = new ModelEvents();
	private readonly stayEvents = new StayEvents();

	constructor(options: EvaluatorOptions) {
		this.options = options;
	}

	/** One evaluation of every workload that the job is about. */
	async run(job: Job, timed: TimedStep): Promise<Evaluated[]> {
		const { collect, models } = this.options;
		await timed("collect", collect);
		await timed("models", () => models.refresh());
		const evaluated = await timed("evaluate", () =>
			this.evaluate((_, policy) => this.isAbout(job, policy), { remembers: true }),
		);
		const { decisionLog } = this.options;
		decisionLog?.record(evaluated.map((one) => decisionEntry(one, decisionLog.candidates)));
		this.remember(evaluated);
		this.options.learner.predicted(evaluated);
		return evaluated;
	}

	/** A look at single workloads, which neither publishes nor counts for stabilization; for the options see the pipeline. */
	of(
		workloads: ReadonlySet<WorkloadKey>,
		options: Pick<PipelineInputs, "closed" | "preparation"> = {},
	): Promise<Evaluated[]> {
		return this.evaluate((workload) => workloads.has(workload.key), { remembers: false, ...options });
	}

	/** Events on workloads that stay although another place is predicted to be better. */
	stayed(evaluations: readonly Evaluation[]): Command[] {
		return this.stayEvents.look(evaluations);
	}

	/** Events on policies whose model is another one, or is not the one that they ask for. */
	modelNews(): Command[] {
		const { cluster, models } = this.options;
		return this.modelEvents.look(cluster().policies.values(), models);
	}

	/** Writes reports and the conditions of policies. Never rejects. */
	async publish(evaluated: readonly Pick<Evaluated, "evaluation" | "subject">[]): Promise<void> {
		const { clock, cluster, metrics, models, policyStatus, reports } = this.options;
		await reports.write(
			evaluated.map(({ evaluation, subject: { policy } }) => ({
				evaluation,
				context: { policy, unit: metrics.definition(policy.objective.metric)?.unit ?? "" },
			})),
		);
		const governed = new Set<WorkloadKey>();
		for (const workload of cluster().workloads.values()) {
			if (governing(workload, cluster().policies.values())) governed.add(workload.key);
		}
		await reports.prune(governed);
		for (const { policy, conditions } of policyConditions({ cluster: cluster(), models, metrics, now: clock() })) {
			await policyStatus.write(policy, conditions);
		}
	}

	private evaluate(
		isSelected: PipelineInputs["isSelected"],
		options: Pick<PipelineInputs, "remembers" | "closed" | "preparation">,
	): Promise<Evaluated[]> {
		const { cluster, metrics, models, ledger, learned, memories, clock } = this.options;
		const state = { cluster: cluster(), metrics, models, ledger, memories, now: clock() };
		return evaluate({ ...state, calibrator: learned.calibration, speeds: learned.speeds, ...options, isSelected });
	}

	private isAbout(job: Job, policy: Policy): boolean {
		if (job.namespace !== this.options.ownNamespace && job.namespace !== policy.namespace) return false;
		return selects(job.policySelector, policy.labels);
	}

	private remember(evaluated: readonly Evaluated[]): void {
		const { memories } = this.options;
		for (const { evaluation, memory } of evaluated) memories.set(evaluation.workload, memory);
		const { workloads } = this.options.cluster();
		for (const key of memories.keys()) if (!workloads.has(key)) memories.delete(key);
		this.stayEvents.prune((key) => workloads.has(key));
	}
}
