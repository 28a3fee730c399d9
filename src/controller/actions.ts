import { COLLECTION_PROBLEM } from "../api/v1alpha1/job.ts";
import type { Learned } from "../core/calibration/learned.ts";
import type { ClusterState } from "../core/cluster/state.ts";
import type { DecisionLog, PlanEntry } from "../core/decision-log/entry.ts";
import type { Ledger } from "../core/features/ledger.ts";
import type { MetricReader } from "../core/metrics/metric.ts";
import type { Caps } from "../core/migration/caps.ts";
import type { Command } from "../core/migration/command.ts";
import { type Plan, planCycle } from "../core/migration/plan.ts";
import type { Evaluated } from "../core/pipeline.ts";
import { prepare } from "../core/prediction/preparation.ts";
import type { Evaluation } from "../core/recommendation/recommendation.ts";
import type { PredictionSink, Tracked } from "../core/tracking/run.ts";
import type { Executor } from "./apply.ts";
import type { Evaluator } from "./evaluation.ts";
import type { JobAction } from "./jobs.ts";
import { runSteps } from "./steps.ts";
import type { Telemetry } from "./telemetry.ts";

export interface PredictOptions {
	readonly evaluator: Evaluator;
	readonly telemetry: Telemetry;
	readonly executor: Executor;
	/** Absent: predictions are not kept for others. */
	readonly predictionSink?: PredictionSink | undefined;
	readonly metrics: MetricReader;
	/** What keeps metrics from being collected, in one line. */
	readonly collectionProblem: () => string | undefined;
}

export interface RebalanceOptions extends PredictOptions {
	readonly cluster: () => ClusterState;
	readonly ledger: Ledger;
	readonly learned: Learned;
	readonly caps: Caps;
	readonly decisionLog?: DecisionLog | undefined;
	readonly clock: () => number;
}

/** Predict: evaluate -> publish. */
export function predictAction(options: PredictOptions): JobAction {
	const { evaluator, telemetry, executor, predictionSink, metrics, collectionProblem } = options;
	return (job) =>
		runSteps("Predict", telemetry, async (timed) => {
			const evaluated = await evaluator.run(job, timed);
			await timed("publish", () => evaluator.publish(evaluated));
			// What was read from there would be read as news again.
			const own = evaluated.filter(({ request }) => request?.model.recorded === undefined);
			predictionSink?.record(own.map((one) => tracked(one, metrics)));
			await timed("events", () => executor.apply(evaluator.modelNews()));
			return summary(evaluated.map(({ evaluation }) => evaluation)) + troubled(collectionProblem());
		});
}

function tracked({ evaluation, subject: { policy } }: Evaluated, metrics: MetricReader): Tracked {
	return { evaluation, policy, unit: metrics.definition(policy.objective.metric)?.unit ?? "" };
}

/** Rebalance: evaluate -> plan all moves together -> begin them -> publish. */
export function rebalanceAction(options: RebalanceOptions): JobAction {
	const { evaluator, telemetry, executor } = options;
	return (job) =>
		runSteps("Rebalance", telemetry, async (timed) => {
			const evaluated = await evaluator.run(job, timed);
			const { commands, evaluations } = await timed("plan", () => plan(evaluated, options));
			options.decisionLog?.record(replanned(evaluated, evaluations));
			const begun = await timed("apply", () => executor.apply(commands, (command) => spend(command, evaluated)));
			const events = [...evaluator.stayed(evaluations), ...evaluator.modelNews()];
			await timed("events", () => executor.apply(events));
			const planned = evaluated.map((one, index) => ({ ...one, evaluation: evaluations[index] as Evaluation }));
			await timed("publish", () => evaluator.publish(planned));
			return `${summary(evaluations)}; began ${begun} of ${commands.length} planned moves${troubled(options.collectionProblem())}`;
		});
}

/** A move was begun: the recorded predictions that it rests on shall not move anybody again. */
function spend(command: Command, evaluated: readonly Evaluated[]): void {
	if (command.kind !== "CreateMigration") return;
	const moved = evaluated.find(({ evaluation }) => evaluation.workload === command.workload);
	moved?.request?.model.recorded?.actedUpon(command.workload, moved.evaluation.observedAt);
}

function plan(evaluated: readonly Evaluated[], options: RebalanceOptions): Promise<Plan> {
	const { cluster, metrics, ledger, learned, evaluator, caps, clock } = options;
	const now = clock();
	const { calibration: calibrator, speeds } = learned;
	const preparation = prepare({ cluster: cluster(), metrics, ledger, calibrator, speeds, now });
	const requests = new Map(evaluated.map(({ evaluation, request }) => [evaluation.workload, request]));
	return planCycle({
		evaluations: evaluated.map(({ evaluation }) => evaluation),
		cluster: cluster(),
		ledger,
		caps,
		reevaluate: async (workload, closed) =>
			(await evaluator.of(new Set([workload]), { closed, preparation }))[0]?.evaluation,
		cpuCores: ({ workload, recommended }) => {
			const request = requests.get(workload);
			return request && recommended ? preparation.cpuCoresOn(recommended.node, request) : 0;
		},
		now,
	});
}

/** What the plan decided otherwise than each evaluation by itself. */
function replanned(evaluated: readonly Evaluated[], planned: readonly Evaluation[]): PlanEntry[] {
	return planned.flatMap(({ workload, decision, observedAt }, index): PlanEntry[] => {
		const isSame = evaluated[index]?.evaluation.decision === decision;
		return isSame ? [] : [{ kind: "Plan", time: observedAt, workload, decision }];
	});
}

/** Without measurements a run does what it can; whoever reads of it should know why that is little. */
function troubled(problem: string | undefined): string {
	return problem === undefined ? "" : `; ${COLLECTION_PROBLEM}${problem}`;
}

function summary(evaluations: readonly Evaluation[]): string {
	const counts = Map.groupBy(evaluations, ({ decision }) => decision.action);
	const parts = [...counts].map(([action, of]) => `${of.length} ${action}`);
	const noun = evaluations.length === 1 ? "workload" : "workloads";
	return `evaluated ${evaluations.length} ${noun}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
