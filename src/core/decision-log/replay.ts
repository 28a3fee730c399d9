import { UNCONSTRAINED } from "../cluster/pod.ts";
import { type Workload, type WorkloadKey, workloadKey } from "../cluster/workload.ts";
import { FEASIBLE, infeasible } from "../feasibility/verdict.ts";
import type { Standing } from "../migration/history.ts";
import type { Migration } from "../migration/migration.ts";
import type { Policy } from "../policy/policy.ts";
import { type CandidateTable, placesOf, predictedAt } from "../recommendation/candidates.ts";
import type { RecommendationInput } from "../recommendation/guard.ts";
import { type Recommendation, recommend } from "../recommendation/recommend.ts";
import type { SmoothedTable } from "../smoothing/levels.ts";
import type { DecisionEntry, LoggedCandidate, LoggedInput } from "./entry.ts";

/** What this core decides from what the log says that a decision rested on. */
export function replay(entry: DecisionEntry): Recommendation {
	return recommend(inputOf(entry));
}

/** Whether a replayed decision is the logged one: what is done, why, and where to. */
export function isSame(logged: DecisionEntry, replayed: Recommendation): boolean {
	const { decision, recommended } = logged;
	return (
		decision.action === replayed.decision.action &&
		decision.reason === replayed.decision.reason &&
		recommended?.node === replayed.recommended?.node
	);
}

function inputOf({ workload, time, input }: DecisionEntry): RecommendationInput {
	const candidates = tableOf(input.candidates);
	const { node, domain, measured } = input.current;
	const index = node === undefined ? -1 : candidates.nodes.indexOf(node);
	return {
		policy: policyOf(workload, input.policy),
		workload: workloadOf(workload, input.workload),
		current: { node, domain, measured, predicted: predictedAt(candidates, index) },
		occupied: new Set(input.occupied),
		candidates,
		unknown: input.unknown,
		standing: standingOf(workload, input.standing),
		disruption: input.disruption,
		streak: input.streak,
		dataAt: input.dataAt,
		now: time,
	};
}

function tableOf(candidates: readonly LoggedCandidate[]): CandidateTable {
	const nodes = candidates.map(({ node }) => node);
	const places = placesOf(
		nodes,
		candidates.map(({ node, domain }) => domain ?? node),
	);
	const verdict = (row: number) => {
		const candidate = candidates[row];
		return candidate?.feasible ? FEASIBLE : infeasible("NodeNotReady", candidate?.reason ?? "");
	};
	const column = (of: (candidate: LoggedCandidate) => number | undefined) =>
		Float32Array.from(candidates, (candidate) => of(candidate) ?? Number.NaN);
	const isSmoothed = candidates.some(({ support }) => support !== undefined);
	const table = {
		nodes,
		value: column(({ predicted }) => predicted?.value),
		lower: column(({ predicted }) => predicted?.lower),
		upper: column(({ predicted }) => predicted?.upper),
		extrapolated: new Uint8Array(nodes.length),
	};
	const smoothed: SmoothedTable = {
		...table,
		raw: column(({ raw }) => raw),
		support: column(({ support }) => support),
	};
	return {
		...places,
		feasibility: { verdict, isFeasible: (row) => candidates[row]?.feasible ?? false },
		predictions: isSmoothed ? smoothed : table,
	};
}

function policyOf(workload: WorkloadKey, logged: LoggedInput["policy"]): Policy {
	const { topologyKey, ...rest } = logged;
	const [namespace = ""] = workload.split("/");
	return {
		...rest,
		namespace,
		uid: "",
		generation: 0,
		createdAt: 0,
		labels: {},
		workloadSelector: {},
		model: { kind: "Builtin", name: "" },
		placement: { topologyKey, candidates: {}, enforcement: "Required" },
	};
}

function workloadOf(key: WorkloadKey, logged: LoggedInput["workload"]): Workload {
	const [namespace = "", name = ""] = key.split("/");
	const { replicas, strategy, nodeSelector, annotations, templateAnnotations } = logged;
	return {
		key: workloadKey(namespace, name),
		namespace,
		name,
		uid: "",
		resourceVersion: "",
		createdAt: 0,
		labels: {},
		annotations,
		replicas,
		paused: false,
		strategy,
		rolledOut: true,
		availableReplicas: replicas,
		progressDeadlineExceeded: false,
		template: { labels: {}, annotations: templateAnnotations, scheduling: { ...UNCONSTRAINED, nodeSelector } },
	};
}

function standingOf(workload: WorkloadKey, logged: LoggedInput["standing"]): Standing {
	const { inFlight, coolingUntil, setbacks, quarantined } = logged;
	return {
		inFlight: inFlight && migrationOf(workload, inFlight),
		coolingUntil,
		setbacks,
		quarantined: new Set(quarantined),
	};
}

/** As far as a decision looks at it: its name and how far it is. */
function migrationOf(
	workload: WorkloadKey,
	{ name, phase }: NonNullable<LoggedInput["standing"]["inFlight"]>,
): Migration {
	const [namespace = ""] = workload.split("/");
	return {
		namespace,
		name,
		uid: "",
		resourceVersion: "",
		createdAt: 0,
		workload,
		to: undefined,
		override: [],
		reason: "",
		requestedBy: "",
		automatic: true,
		cancelledBy: undefined,
		status: {
			phase,
			from: undefined,
			to: undefined,
			promised: undefined,
			measuredBefore: undefined,
			measured: undefined,
			startedAt: undefined,
			rolledOutAt: undefined,
			completedAt: undefined,
			reason: undefined,
			message: undefined,
		},
	};
}
