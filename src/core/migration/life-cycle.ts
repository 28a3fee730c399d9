import { isFromFuture } from "../clock-skew.ts";
import { governing } from "../policy/governing.ts";
import { isFinished, type Migration } from "./migration.ts";
import type { Observation, Step } from "./observation.ts";
import { failed, rejected } from "./outcome.ts";
import { pending } from "./pending.ts";
import { rolling, verifying } from "./under-way.ts";

/**
 * The next step of a migration:
 *
 *     Pending -> Rolling -> Verifying -> Succeeded | Reverted
 *        |          |           |
 *     Rejected    Failed      Failed
 *
 * Everything follows from the object's status and the cluster, so a restart continues it. An intent is
 * written before its patch, the patch leaves the migration's name in the template and carries the
 * resourceVersion it was decided on: whatever crashes in between, nothing is patched twice.
 */
export function advance(migration: Migration, observation: Observation, now: number): Step {
	if (isFinished(migration)) return { status: migration.status, commands: [] };
	const { cluster } = observation;
	const begun = migration.status.phase === "Rolling" || migration.status.phase === "Verifying";
	const end = begun ? failed : rejected;
	const workload = cluster.workloads.get(migration.workload);
	if (!workload) {
		const message = `there is no deployment ${migration.workload}`;
		return end(migration, { reason: "WorkloadNotFound", message }, now);
	}
	const policy = governing(workload, cluster.policies.values())?.policy;
	if (!policy) {
		const message = `no QoSPolicy governs deployment ${workload.key}`;
		return end(migration, { reason: "NotGoverned", message }, now);
	}
	const subject = { migration: withoutFuture(migration, now), workload, policy, observation, now };
	if (!begun) return pending(subject);
	return migration.status.phase === "Rolling" ? rolling(subject) : verifying(subject);
}

/** Times that cannot be true, written by a clock that was ahead or by somebody else, hold nothing up: they count as none. */
function withoutFuture(migration: Migration, now: number): Migration {
	const { startedAt, rolledOutAt } = migration.status;
	const possible = (time: number | undefined) => (time !== undefined && isFromFuture(time, now) ? undefined : time);
	const status = { ...migration.status, startedAt: possible(startedAt), rolledOutAt: possible(rolledOutAt) };
	return { ...migration, status };
}
