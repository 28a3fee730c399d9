import { questionFor } from "../evaluation/request.ts";
import { subjectOf } from "../evaluation/subject.ts";
import { requiredMetrics } from "../model/required-metrics.ts";
import { UNKNOWN_REASONS } from "../recommendation/recommendation.ts";
import { type Chooser, DomainChooser, NodeChooser } from "./chooser.ts";
import type { Governed } from "./governance.ts";
import { NodePredictions } from "./node-predictions.ts";
import { type Skip, skip } from "./placement.ts";
import type { Snapshot } from "./snapshot.ts";
import type { AdmissionView } from "./view.ts";

/** A workload's candidate nodes in their order, made once per collection of metrics and then kept right. */
export interface Ranking {
	readonly governed: Governed;
	readonly predictions: NodePredictions;
	readonly chooser: Chooser;
}

/** Whether a ranking still answers for a workload: what its predictions were asked for has not changed. */
export function stillHolds(ranking: Ranking, { workload, policy }: Governed, view: AdmissionView): boolean {
	const before = ranking.governed;
	const asked = before.workload.template.scheduling;
	const asks = workload.template.scheduling;
	const resolution = view.models.resolve(policy.model, policy.objective);
	return (
		before.policy === policy &&
		before.workload.replicas === workload.replicas &&
		asked.requests["cpu"] === asks.requests["cpu"] &&
		asked.cpuLimit === asks.cpuLimit &&
		!resolution.refused &&
		resolution.model === ranking.predictions.request.model
	);
}

/** Predicts a workload on all its candidate nodes, or says why nothing can be said. */
export async function rank(governed: Governed, snapshot: Snapshot, view: AdmissionView): Promise<Ranking | Skip> {
	const subject = subjectOf(governed, view.cluster);
	const question = questionFor(subject, view.models, snapshot.candidates);
	if (question.refused) return skip("ModelRefused", question.message);
	if (question.request.nodes.length === 0) return skip("NoFeasibleNode", "the policy has no candidate nodes");
	// What a new Deployment would do is guessed before it is measured, but not where it cannot be measured.
	for (const metric of requiredMetrics(question.request.model.metadata, governed.policy.objective)) {
		const failure = view.metrics.failure(metric, view.now);
		if (failure) return skip("MetricsAbsent", failure.message);
	}
	const predictions = await NodePredictions.make(question.request, governed.policy, snapshot.preparation);
	if ("known" in predictions) return skip(UNKNOWN_REASONS[predictions.reason], predictions.message);
	const Chosen = question.places.isOneToOne ? NodeChooser : DomainChooser;
	return { governed, predictions, chooser: new Chosen(predictions, governed.policy) };
}
