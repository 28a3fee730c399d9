import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import { feasibilityChecker } from "../feasibility/checker.ts";
import type { FeasibilityContext, PodToPlace } from "../feasibility/pod-to-place.ts";
import { infeasible } from "../feasibility/verdict.ts";
import type { Ledger } from "../features/ledger.ts";
import type { Measurement, MetricReader, UnknownReason } from "../metrics/metric.ts";
import { pinOf } from "../migration/annotations.ts";
import { disruptionRefusal } from "../migration/disruption.ts";
import { standingOf } from "../migration/history.ts";
import type { Migration } from "../migration/migration.ts";
import type { ModelReference } from "../model/model.ts";
import { type PredictionTable, type PredictionUnknownReason, predictionAt } from "../prediction/prediction.ts";
import type { PredictionResult } from "../prediction/request.ts";
import { recommend } from "../recommendation/recommend.ts";
import type { Candidate, Evaluation } from "../recommendation/recommendation.ts";
import type { Streak } from "../recommendation/streak.ts";
import type { Subject } from "./subject.ts";

export interface AssessInputs {
	readonly cluster: ClusterState;
	readonly metrics: MetricReader;
	readonly ledger: Ledger;
	readonly streaks: ReadonlyMap<WorkloadKey, Streak>;
	readonly migrations: ReadonlyMap<WorkloadKey, readonly Migration[]>;
	readonly now: number;
}

/** What was predicted for a subject. */
export interface Predicted {
	readonly subject: Subject;
	readonly nodes: readonly string[];
	readonly prediction: PredictionResult;
	readonly model: ModelReference | undefined;
}

/** Feasibility and recommendation of one subject, from its predictions. */
export function assess(
	predicted: Predicted,
	inputs: AssessInputs,
): { evaluation: Evaluation; streak: Streak | undefined } {
	const { subject, prediction } = predicted;
	const { workload, policy, currentNodes } = subject;
	const { cluster, metrics, now } = inputs;
	const measured = metrics.latest(policy.objective.metric, workload.key, now);
	const age = metrics.age(policy.objective.metric, workload.key, now);
	const standing = standingOf(workload.key, inputs.migrations.get(workload.key) ?? [], policy, now);
	const candidates = candidatesOf(predicted, { ...inputs, quarantined: standing.quarantined });
	const current = currentOf(subject, candidates, measured, cluster);
	const { streak, ...recommendation } = recommend({
		policy,
		workload,
		current,
		occupied: domainsOf(currentNodes.keys(), policy.placement.topologyKey, cluster),
		candidates,
		unknown: prediction.known ? unmeasured(measured, policy.objective.metric) : prediction,
		standing,
		disruption: disruptionRefusal(workload, cluster),
		streak: inputs.streaks.get(workload.key),
		dataAt: age === undefined ? undefined : now - age * 1000,
		now,
	});
	const evaluation: Evaluation = {
		workload: workload.key,
		policy: policy.name,
		observedAt: now,
		dataAgeSeconds: prediction.known ? (prediction.dataAgeSeconds ?? age) : age,
		model: predicted.model,
		current,
		...recommendation,
	};
	return { evaluation, streak };
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

const GONE = infeasible("NodeNotReady", "node(s) are gone");

function candidatesOf(
	{ subject, nodes, prediction }: Predicted,
	inputs: AssessInputs & { readonly quarantined: ReadonlySet<string> },
): Candidate[] {
	const check = feasibilityChecker(podToPlace(subject), feasibilityContext(subject, inputs));
	const table: PredictionTable | undefined = prediction.known ? prediction.table : undefined;
	return nodes.map((name, index) => {
		const node = inputs.cluster.nodes.get(name);
		return {
			node: name,
			domain: node?.labels[subject.policy.placement.topologyKey] ?? name,
			verdict: node ? check(node) : GONE,
			predicted: table && predictionAt(table, index),
			rank: undefined,
		};
	});
}

function currentOf(
	{ currentNode, policy }: Subject,
	candidates: readonly Candidate[],
	measured: Measurement,
	cluster: ClusterState,
): Evaluation["current"] {
	const node = currentNode === undefined ? undefined : cluster.nodes.get(currentNode);
	return {
		node: currentNode,
		domain: node?.labels[policy.placement.topologyKey],
		measured,
		predicted: candidates.find((candidate) => candidate.node === currentNode)?.predicted,
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

/** Nobody is moved whose QoS is not measured: neither the need for a move nor its success could be told. */
function unmeasured(measured: Measurement, metric: string) {
	if (measured.known) return undefined;
	const message = `${metric} of this workload is not measured (${measured.reason})`;
	return { reason: UNMEASURED[measured.reason], message };
}
