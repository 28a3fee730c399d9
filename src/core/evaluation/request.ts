import type { ModelRegistry, ModelResolution } from "../model/model.ts";
import type { PredictionRequest } from "../prediction/request.ts";
import type { Places } from "../recommendation/candidates.ts";
import type { CandidateLists, Subject } from "./subject.ts";

/** What to ask the model for a subject, or why there is no model to ask. */
export type ModelQuestion =
	| { readonly refused: false; readonly request: PredictionRequest; readonly places: Places }
	| Extract<ModelResolution, { refused: true }>;

export function questionFor(subject: Subject, models: ModelRegistry, candidates: CandidateLists): ModelQuestion {
	const { workload, policy, pods, currentNodes, settledSince } = subject;
	const resolution = models.resolve(policy.model, policy.objective);
	if (resolution.refused) return resolution;
	const places = candidates.of(subject);
	const { scheduling } = workload.template;
	const request: PredictionRequest = {
		workload: workload.key,
		policy,
		model: resolution.model,
		nodes: places.nodes,
		currentNodes,
		settledSince,
		cpuRequest: scheduling.requests["cpu"] ?? 0,
		cpuLimit: scheduling.cpuLimit,
		currentCpuLimit: pods[0]?.scheduling.cpuLimit,
		replicas: workload.replicas,
	};
	return { refused: false, request, places };
}
