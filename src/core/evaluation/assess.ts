import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import { feasibilityColumn } from "../feasibility/column.ts";
import type { FeasibilityContext, PodToPlace } from "../feasibility/pod-to-place.ts";
import type { Ledger } from "../features/ledger.ts";
import type { Measurement, MetricReader, UnknownReason } from "../metrics/metric.ts";
import { pinOf } from "../migration/annotations.ts";
import { disruptionRefusal } from "../migration/disruption.ts";
import { standingOf } from "../migration/history.ts";
import type { Migration } from "../migration/migration.ts";
import type { Model } from "../model/model.ts";
import type { PredictionTable, PredictionUnknownReason } from "../prediction/prediction.ts";
import type { PredictionResult } from "../prediction/request.ts";
import { type CandidateTable, type Places, predictedAt } from "../recommendation/candidates.ts";
import type { RecommendationInput } from "../recommendation/guard.ts";
import { emptyMemory, type Memory } from "../recommendation/memory.ts";
import { recommend } from "../recommendation/recommend.ts";
import type { Evaluation } from "../recommendation/recommendation.ts";
import type { Levels } from "../smoothing/levels.ts";
import type { Subject } from "./subject.ts";

export interface AssessInputs {
	readonly cluster: ClusterState;
	readonly metrics: MetricReader;
	readonly ledger: Ledger;
	readonly memories: ReadonlyMap<WorkloadKey, Memory>;
	readonly remembers: boolean;
	readonly migrations: ReadonlyMap<WorkloadKey, readonly Migration[]>;
	/** Domains that can take nobody now. */
	readonly closed?: ReadonlySet<string> | undefined;
	readonly now: number;
}

/** What was predicted for a subject. */
export interface Predicted {
	readonly subject: Subject;
	readonly places: Places;
	readonly prediction: PredictionResult;
	readonly model: Model | undefined;
}

/** An evaluation with what it rests on and what it leaves to the next one. */
export interface Assessed {
	readonly evaluation: Evaluation;
	/** Speaks of the moment: read it before the cluster or the ledger changes. */
	readonly input: RecommendationInput;
	readonly memory: Memory;
}

/** Feasibility and recommendation of one subject, from its predictions. */
export function assess(predicted: Predicted, inputs: AssessInputs): Assessed {
	const { subject, prediction } = predicted;
	const { workload, policy, currentNodes } = subject;
	const { cluster, metrics, now } = inputs;
	const measured = metrics.latest(policy.objective.metric, workload.key, now);
	const age = metrics.age(policy.objective.metric, workload.key, now);
	const standing = standingOf(workload.key, inputs.migrations.get(workload.key) ?? [], policy, now);
	// What was predicted earlier is no news again and again.
	const madeAt = prediction.known ? prediction.madeAt : undefined;
	const dataAt = age === undefined ? undefined : (madeAt ?? now - age * 1000);
	const memory = inputs.memories.get(workload.key) ?? emptyMemory();
	const context = feasibilityContext(subject, { ...inputs, quarantined: standing.quarantined });
	const candidates: CandidateTable = {
		...predicted.places,
		feasibility: feasibilityColumn(podToPlace(subject), context, predicted.places.nodes),
		predictions: prediction.known
			? smoothed(prediction.table, memory.levels, { ...inputs, dataAt, model: predicted.model })
			: undefined,
	};
	const current = currentOf(subject, candidates, measured, cluster);
	const input: RecommendationInput = {
		policy,
		workload,
		current,
		occupied: domainsOf(currentNodes.keys(), policy.placement.topologyKey, cluster),
		candidates,
		unknown: unknownOf(prediction, measured, policy.objective.metric),
		standing,
		disruption: disruptionRefusal(workload, cluster),
		streak: memory.streak,
		closed: inputs.closed,
		dataAt,
		now,
	};
	const { streak, ...recommendation } = recommend(input);
	const evaluation: Evaluation = {
		workload: workload.key,
		policy: policy.name,
		observedAt: now,
		dataAgeSeconds: prediction.known ? (prediction.dataAgeSeconds ?? age) : age,
		model: predicted.model?.reference,
		current,
		candidates,
		...recommendation,
	};
	return { evaluation, input, memory: { ...memory, streak } };
}

/** The pod that would run if the workload moved. */
export function podToPlace({ workload, pods }: Pick<Subject, "workload" | "pods">): PodToPlace {
	return {
		namespace: workload.namespace,
		labels: workload.template.labels,
		scheduling: workload.template.scheduling,
		workload: workload.key,
		replacing: new Set(pods.map((pod) => pod.uid)),
	};
}

/** Only a pin of ours may be ignored: what the user wrote under the same key binds us as well. */
export function feasibilityContext(
	{ policy: { placement }, workload }: Pick<Subject, "policy" | "workload">,
	inputs: Pick<AssessInputs, "cluster" | "ledger"> & { readonly quarantined?: ReadonlySet<string> | undefined },
): FeasibilityContext {
	return {
		cluster: inputs.cluster,
		ledger: inputs.ledger,
		candidates: placement.candidates,
		topologyKey: placement.topologyKey,
		ignoreNodeSelectorKey: pinOf(workload)?.topologyKey,
		quarantined: inputs.quarantined,
	};
}

/** Without measurements of its own there is nothing that a workload's predictions would rest on. */
function smoothed(
	table: PredictionTable,
	levels: Levels,
	{ metrics, remembers, dataAt, model, now }: AssessInputs & { dataAt: number | undefined; model: Model | undefined },
): PredictionTable {
	if (remembers && dataAt !== undefined) {
		const windowSeconds = (model?.metadata.window ?? metrics.steps) * metrics.stepSeconds;
		levels.observe(table, { dataAt, windowSeconds, now });
	}
	return levels.smooth(table);
}

function currentOf(
	{ currentNode, policy }: Subject,
	candidates: CandidateTable,
	measured: Measurement,
	cluster: ClusterState,
): Evaluation["current"] {
	const node = currentNode === undefined ? undefined : cluster.nodes.get(currentNode);
	return {
		node: currentNode,
		domain: node?.labels[policy.placement.topologyKey],
		measured,
		predicted: currentNode === undefined ? undefined : predictedAt(candidates, candidates.nodes.indexOf(currentNode)),
	};
}

function domainsOf(nodes: Iterable<string>, topologyKey: string, cluster: ClusterState): ReadonlySet<string> {
	const domains = new Set<string>();
	for (const name of nodes) {
		const domain = cluster.nodes.get(name)?.labels[topologyKey];
		if (domain !== undefined) domains.add(domain);
	}
	return domains;
}

const UNMEASURED: Readonly<Record<UnknownReason, PredictionUnknownReason>> = {
	Absent: "MetricsAbsent",
	Stale: "MetricsStale",
	NotFinite: "OutputNotFinite",
	OutOfRange: "OutputNotFinite",
};

function unknownOf(
	prediction: PredictionResult,
	measured: Measurement,
	metric: string,
): RecommendationInput["unknown"] {
	if (!prediction.known) return prediction;
	const objection = prediction.untrusted ?? prediction.spent;
	return (
		unmeasured(measured, metric) ??
		(objection === undefined ? undefined : { reason: "NotRecorded", message: objection })
	);
}

/** Nobody is moved whose QoS is not measured: neither the need for a move nor its success could be told. */
function unmeasured(measured: Measurement, metric: string) {
	if (measured.known) return undefined;
	const message = `${metric} of this workload is not measured (${measured.reason})`;
	return { reason: UNMEASURED[measured.reason], message };
}
