import type { ClusterState } from "../cluster/state.ts";
import { type Subject, subjectsOf } from "../evaluation/subject.ts";
import { declaredSpeed } from "../features/speed.ts";
import { MIXED_STEPS } from "../features/window.ts";
import type { MetricReader } from "../metrics/metric.ts";
import type { ModelReference } from "../model/model.ts";
import { basisOf } from "../prediction/calibration.ts";
import type { Here } from "../prediction/here.ts";
import type { Prediction } from "../prediction/prediction.ts";
import type { Learned } from "./learned.ts";
import type { Outcome } from "./outcome.ts";
import { aggregated, PendingForecasts } from "./pending.ts";
import { visitOf } from "./visit.ts";

/** The world at one moment. `now` is in ms since the epoch. */
export interface LearningInputs {
	readonly cluster: ClusterState;
	readonly metrics: MetricReader;
	readonly now: number;
}

/** A prediction of where a workload is, to be followed up. */
export interface Predicted {
	readonly subject: Subject;
	readonly model: ModelReference;
	readonly here: Here;
}

/** A move whose workload is where it was to go. */
export interface Move {
	readonly subject: Subject;
	readonly model: ModelReference;
	readonly promised: Prediction;
	/** ms since the epoch. */
	readonly rolledOutAt: number | undefined;
}

/** Fewer measurements than these tell nothing of a promise. */
const MIN_SAMPLES = 3;

/** What came of a prediction, and whose it was. */
export interface FollowedUp {
	readonly outcome: Outcome;
	readonly subject: Subject;
}

/** Follows predictions up and lets `learned` learn from what came of them. */
export class Learning {
	private readonly learned: Learned;
	private readonly pending = new PendingForecasts();
	/** The step whose service times were taken in last. */
	private newestStep = Number.NEGATIVE_INFINITY;

	constructor(learned: Learned) {
		this.learned = learned;
	}

	predicted({ subject, model, here }: Predicted, { metrics, now }: Pick<LearningInputs, "metrics" | "now">): void {
		const { workload, policy, currentNodes, settledSince } = subject;
		const { objective } = policy;
		const basis = basisOf(model, objective);
		this.pending.add(
			{ workload: workload.key, basis, objective, currentNodes, settledSince, here, at: now },
			metrics.stepSeconds,
		);
	}

	/** Learns from new measurements: to be called after every collection. Returns what became known of predictions. */
	collected(inputs: LearningInputs): FollowedUp[] {
		const { cluster, metrics, now } = inputs;
		const subjects = new Map(subjectsOf(cluster, () => true).map((subject) => [subject.workload.key, subject]));
		const step = Math.floor(now / (metrics.stepSeconds * 1000));
		if (step > this.newestStep) this.learnSpeeds(subjects.values(), inputs);
		this.newestStep = step;
		const followed = this.pending
			.resolve(metrics, (workload) => subjects.get(workload), now)
			.flatMap((outcome) => {
				const subject = subjects.get(outcome.workload);
				return subject ? [{ outcome, subject }] : [];
			});
		for (const { outcome } of followed) this.learned.calibration.learn(outcome);
		this.learned.prune((workload) => cluster.workloads.has(workload));
		return followed;
	}

	/** Learns from what is measured after a move, next to its promise: the first that is known of the pair. */
	moved(
		{ subject, model, promised, rolledOutAt }: Move,
		{ metrics, now }: Pick<LearningInputs, "metrics" | "now">,
	): void {
		const { workload, policy, currentNodes, currentNode: node } = subject;
		if (currentNodes.size !== 1 || node === undefined || rolledOutAt === undefined) return;
		const { metric, aggregate } = policy.objective;
		const settled = rolledOutAt + MIXED_STEPS * metrics.stepSeconds * 1000;
		const samples = metrics.since(metric, workload.key, settled, now);
		if (samples.length < MIN_SAMPLES) return;
		const actual = aggregated(samples, aggregate);
		const basis = basisOf(model, policy.objective);
		this.learned.calibration.learnArrival({ workload: workload.key, node, basis, issued: promised, actual, at: now });
	}

	private learnSpeeds(subjects: Iterable<Subject>, inputs: LearningInputs): void {
		const { speeds } = this.learned;
		const declared = [...inputs.cluster.nodes.values()].flatMap((node) => {
			const speed = declaredSpeed(node);
			return speed === undefined ? [] : [[node.name, speed] as const];
		});
		speeds.declare(new Map(declared));
		for (const subject of subjects) {
			const visit = visitOf(subject, inputs);
			if (visit) speeds.observe(visit);
		}
	}
}
