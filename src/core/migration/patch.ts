import { HOSTNAME_KEY } from "../cluster/node.ts";
import type { Workload } from "../cluster/workload.ts";
import type { Policy } from "../policy/policy.ts";
import { rfc3339 } from "../timestamp.ts";
import { pinOf, placementOf, previousPlacementOf } from "./annotations.ts";
import type { Command, PlacementRecord } from "./command.ts";
import { domainLoss } from "./domain.ts";
import type { Migration } from "./migration.ts";
import type { Subject } from "./observation.ts";

/**
 * Whether a move pins the whole workload. Several replicas are never pinned onto one node: their template
 * is only rolled, and admission places each new pod.
 */
export function pinsWhole(workload: Workload, { placement }: Policy): boolean {
	return workload.replicas === 1 || placement.topologyKey !== HOSTNAME_KEY;
}

/** The template carries this migration's patch: what makes a second patch unnecessary after a crash. */
export function isPatched(workload: Workload, migration: Migration): boolean {
	return placementOf(workload.template.annotations)?.migration === migration.name;
}

/**
 * Somebody has changed or dropped the nodeSelector that this migration set, as a GitOps tool does that knows
 * of no annotation: the record still names the migration, and the pods are not where it says.
 */
export function isOverridden(workload: Workload, migration: Migration): boolean {
	const record = placementOf(workload.template.annotations);
	return record?.migration === migration.name && record.domain !== undefined && !pinOf(workload);
}

/** The patch that makes the move. */
export function movingPatch({ migration, workload, policy, now }: Subject, to: string, predicted?: number): Command {
	const { topologyKey } = policy.placement;
	const record: PlacementRecord = {
		predicted,
		policy: policy.name,
		observedAt: rfc3339(migration.status.startedAt ?? now),
		migration: migration.name,
	};
	const target = { workload: workload.key, resourceVersion: workload.resourceVersion };
	if (!pinsWhole(workload, policy)) return { kind: "RollWorkload", ...target, placement: record };
	const pin = pinOf(workload);
	return {
		kind: "PinWorkload",
		...target,
		topologyKey,
		value: to,
		previous: pin ? pin.restore : workload.template.scheduling.nodeSelector[topologyKey],
		placement: { ...record, domain: to, replaces: pin?.domain },
	};
}

/**
 * The patch that undoes it: back to `preferred` or the domain that our earlier pin named, while a node
 * there can take pods, else to what the nodeSelector held before all of our pins. The latter is the
 * template of the earlier ReplicaSet, so an unfinished rollout ends without another pod being replaced.
 */
export function undoingPatch(subject: Subject, because: string, preferred?: string): Command {
	const { migration, workload, policy, observation, now } = subject;
	const pin = pinOf(workload);
	const record = placementOf(workload.template.annotations);
	const topologyKey = previousPlacementOf(workload.annotations)?.topologyKey ?? policy.placement.topologyKey;
	const target = { workload: workload.key, resourceVersion: workload.resourceVersion, topologyKey };
	const back = preferred ?? record?.replaces;
	if (pin && back !== undefined && !domainLoss(observation.cluster.nodes, topologyKey, back)) {
		const placement = { domain: back, policy: policy.name, observedAt: rfc3339(now), reverts: migration.name };
		return { kind: "PinWorkload", ...target, value: back, previous: pin.restore, placement };
	}
	// Without a pin of ours the selector is not ours either: it stays as it is.
	const restore = pin ? pin.restore : workload.template.scheduling.nodeSelector[topologyKey];
	const message = `migration ${migration.name}: ${because}`;
	return { kind: "ReleaseWorkload", ...target, restore, reason: "MigrationUndone", message };
}
