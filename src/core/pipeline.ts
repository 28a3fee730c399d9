import type { ClusterState } from "./cluster/state.ts";
import type { Workload, WorkloadKey } from "./cluster/workload.ts";
import { type Assessed, assess } from "./evaluation/assess.ts";
import { type ModelQuestion, questionFor } from "./evaluation/request.ts";
import { CandidateLists, type Subject, subjectsOf } from "./evaluation/subject.ts";
import type { Ledger } from "./features/ledger.ts";
import type { NodeSpeeds } from "./features/speed.ts";
import type { MetricReader } from "./metrics/metric.ts";
import { migrationsByWorkload } from "./migration/history.ts";
import type { ModelRegistry } from "./model/model.ts";
import type { Policy } from "./policy/policy.ts";
import type { Calibrator } from "./prediction/calibration.ts";
import type { Here } from "./prediction/here.ts";
import { predict } from "./prediction/predict.ts";
import type { Preparation } from "./prediction/preparation.ts";
import type { PredictionRequest, PredictionResult } from "./prediction/request.ts";
import type { Memory } from "./recommendation/memory.ts";

export interface PipelineInputs {
	readonly cluster: ClusterState;
	readonly metrics: MetricReader;
	readonly models: ModelRegistry;
	readonly ledger: Ledger;
	readonly calibrator?: Calibrator | undefined;
	readonly speeds?: NodeSpeeds | undefined;
	/** What earlier evaluations left, by workload. */
	readonly memories: ReadonlyMap<WorkloadKey, Memory>;
	/** Whether this run goes into the memories; otherwise it is a look that leaves no trace. */
	readonly remembers: boolean;
	/** Domains that can take nobody now: the best of the rest is looked for. */
	readonly closed?: ReadonlySet<string> | undefined;
	/** Of an earlier run on the same measurements: what it has read is used again. Absent: all is read. */
	readonly preparation?: Preparation | undefined;
	/** Whether this run is about a workload that this policy governs. */
	readonly isSelected: (workload: Workload, policy: Policy) => boolean;
	/** ms since the epoch. */
	readonly now: number;
}

/** One workload's evaluation, with what the next evaluation and a plan go on from. */
export interface Evaluated extends Assessed {
	readonly subject: Subject;
	/** Absent when there is no model to ask. */
	readonly request: PredictionRequest | undefined;
	/** Of where it runs now, to be followed up. */
	readonly here: Here | undefined;
}

/**
 * From metrics to recommendations, for every governed workload that the run is about. What the
 * recommendations lead to is planned by `migration/plan.ts` and lived by `migration/life-cycle.ts`.
 */
export async function evaluate(inputs: PipelineInputs): Promise<Evaluated[]> {
	const subjects = subjectsOf(inputs.cluster, inputs.isSelected);
	const candidates = new CandidateLists(inputs.cluster.nodes);
	const questions = subjects.map((subject) => questionFor(subject, inputs.models, candidates));
	const predictions = await predictAll(questions, inputs);
	const migrations = migrationsByWorkload(inputs.cluster.migrations.values());
	return subjects.map((subject, index) => {
		const question = questions[index] as ModelQuestion;
		const request = question.refused ? undefined : question.request;
		const prediction = predictions[index] as PredictionResult;
		const predicted = {
			subject,
			places: question.refused ? candidates.of(subject) : question.places,
			prediction,
			model: request?.model,
		};
		const here = prediction.known ? prediction.here : undefined;
		return { subject, request, here, ...assess(predicted, { ...inputs, migrations }) };
	});
}

/** Answers in the order of the questions; those without a model are Unknown. */
async function predictAll(questions: readonly ModelQuestion[], inputs: PipelineInputs): Promise<PredictionResult[]> {
	const requests = questions.flatMap((question) => (question.refused ? [] : [question.request]));
	const answers = (await predict(requests, inputs.preparation ?? inputs)).values();
	return questions.map((question) =>
		question.refused
			? { known: false, reason: "ModelRefused", message: question.message }
			: (answers.next().value as PredictionResult),
	);
}
