import { selects } from "../cluster/selectors.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { Workload } from "../cluster/workload.ts";

/** Why a Deployment may not be rolled now. A forced migration may set it aside with `Disruption`. */
export interface DisruptionRefusal {
	readonly reason:
		| "NoReplicas"
		| "Paused"
		| "RecreateStrategy"
		| "RolloutUnfinished"
		| "NoneAvailableDuringRollout"
		| "SingleNodeVolume"
		| "DisruptionBudgetExhausted";
	readonly message: string;
}

type Rule = (workload: Workload, cluster: BudgetsAndVolumes) => DisruptionRefusal | undefined;
type BudgetsAndVolumes = Pick<ClusterState, "disruptionBudgets" | "volumeClaims">;

function noReplicas({ replicas }: Workload): DisruptionRefusal | undefined {
	return replicas > 0 ? undefined : { reason: "NoReplicas", message: "the deployment is scaled to 0" };
}

function paused(workload: Workload): DisruptionRefusal | undefined {
	if (!workload.paused) return undefined;
	return { reason: "Paused", message: "the deployment is paused: a change of its template would not roll out" };
}

function recreates({ strategy }: Workload): DisruptionRefusal | undefined {
	if (strategy.type !== "Recreate") return undefined;
	return { reason: "RecreateStrategy", message: "the strategy Recreate stops every pod before it starts a new one" };
}

function rolling({ rolledOut }: Workload): DisruptionRefusal | undefined {
	return rolledOut
		? undefined
		: { reason: "RolloutUnfinished", message: "a rollout of the deployment is not finished" };
}

function emptied({ strategy, replicas }: Workload): DisruptionRefusal | undefined {
	if (replicas - strategy.maxUnavailable > 0) return undefined;
	const message = `maxUnavailable ${strategy.maxUnavailable} of ${replicas} replicas lets a rollout leave no pod available`;
	return { reason: "NoneAvailableDuringRollout", message };
}

function singleNodeVolume(
	{ namespace, template }: Workload,
	cluster: BudgetsAndVolumes,
): DisruptionRefusal | undefined {
	const claim = template.scheduling.volumeClaims.find(
		(name) => cluster.volumeClaims.get(`${namespace}/${name}`)?.singleNode,
	);
	if (claim === undefined) return undefined;
	const message = `persistentvolumeclaim ${claim} is ReadWriteOnce: two nodes cannot hold it at once`;
	return { reason: "SingleNodeVolume", message };
}

/** Rollouts do not ask budgets, so we do. */
function budget({ namespace, template }: Workload, cluster: BudgetsAndVolumes): DisruptionRefusal | undefined {
	for (const { namespace: where, name, selector, disruptionsAllowed } of cluster.disruptionBudgets.values()) {
		if (where !== namespace || disruptionsAllowed > 0 || !selects(selector, template.labels)) continue;
		return { reason: "DisruptionBudgetExhausted", message: `poddisruptionbudget ${name} allows no disruption now` };
	}
	return undefined;
}

const RULES: readonly Rule[] = [noReplicas, paused, recreates, rolling, emptied, singleNodeVolume, budget];

/** The first reason not to roll the workload now; `undefined` when it may be rolled. */
export function disruptionRefusal(workload: Workload, cluster: BudgetsAndVolumes): DisruptionRefusal | undefined {
	for (const rule of RULES) {
		const refusal = rule(workload, cluster);
		if (refusal) return refusal;
	}
	return undefined;
}
