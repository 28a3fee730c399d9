import { type Pod, unschedulableFor } from "../cluster/pod.ts";
import { duration } from "../recommendation/format.ts";
import { pinOf } from "./annotations.ts";
import { CANCELLED, cancellation } from "./cancellation.ts";
import { domainLoss } from "./domain.ts";
import type { Migration } from "./migration.ts";
import { DEFAULT_TIMING, type Step, type Subject, step } from "./observation.ts";
import { type Because, failed, rejected, reverted, succeeded } from "./outcome.ts";
import { isOverridden, isPatched, movingPatch, pinsWhole, undoingPatch } from "./patch.ts";
import { PATCHING, ROLLING_OUT } from "./pending.ts";
import { finding } from "./verification.ts";

/** Reasons under which a move is being undone; written before the patch that undoes it. */
const UNDOING: ReadonlySet<string> = new Set([
	"TargetLost",
	"ProgressDeadlineExceeded",
	"Unschedulable",
	"RolloutTimeout",
	"WorseThanBefore",
	CANCELLED,
]);

/** From the patch until the rollout is complete. */
export function rolling(subject: Subject): Step {
	const { migration, workload, now } = subject;
	if (UNDOING.has(migration.status.reason ?? "")) return undoing(subject);
	if (isOverridden(workload, migration)) return failed(migration, OVERWRITTEN, now);
	if (!isPatched(workload, migration)) return unpatched(subject);
	const problem = cancellation(migration) ?? lostTarget(subject) ?? stuck(subject);
	if (problem) return undo(subject, problem);
	if (!workload.rolledOut) {
		return step(migration, { reason: ROLLING_OUT, message: `rolling out to ${migration.status.to}` });
	}
	const message = `rolled out to ${migration.status.to}; its measurements are awaited`;
	return step(migration, { phase: "Verifying", rolledOutAt: now, reason: "RolledOut", message });
}

/** From the rollout until measurements judge it. */
export function verifying(subject: Subject): Step {
	const { migration, workload, policy, now } = subject;
	if (UNDOING.has(migration.status.reason ?? "")) return undoing(subject);
	if (!isPatched(workload, migration) || isOverridden(workload, migration)) {
		return failed(migration, OVERWRITTEN, now);
	}
	const end = cancellation(migration) ?? lostTarget(subject);
	if (end) return undo(subject, end);
	const found = finding(subject, migration.status.rolledOutAt ?? begunAt(migration));
	if (!found) return step(migration, {});
	if (found.verdict === "Unknown") return succeeded(migration, found.because, now);
	const { measured, because } = found;
	if (found.verdict === "Held") return succeeded(migration, { ...because, measured }, now);
	if (policy.rebalance.onWorse === "Revert") return undo(subject, because, measured);
	const judged = { ...migration, status: { ...migration.status, measured } };
	return failed(judged, { ...because, reason: "WorseKept" }, now);
}

const OVERWRITTEN: Because = {
	reason: "Overwritten",
	message: "the template's placement was changed by somebody else (a GitOps tool must ignore it)",
};

/**
 * The intent is on record, its patch is not to be seen: it was not made, or the caches lag behind it. It
 * is tried for half of the time allowed (should the patch have been made, another carries a stale
 * resourceVersion and is refused); the other half is for caches to catch up, lest a failure be told of
 * what has come to pass. A cancelled one is not tried again, and waits as well.
 */
function unpatched(subject: Subject): Step {
	const { migration, observation, now } = subject;
	const { status } = migration;
	if (status.reason !== PATCHING || status.to === undefined) return failed(migration, OVERWRITTEN, now);
	const { patch: limit } = observation.timing ?? DEFAULT_TIMING;
	const waited = now - begunAt(migration);
	const stop = cancellation(migration);
	if (stop) return waited > limit ? rejected(migration, stop, now) : step(migration, {});
	const lost = lostTarget(subject);
	if (waited > limit) {
		const message = `the template could not be patched for ${duration(limit)}`;
		return failed(migration, lost ?? { reason: "PatchNotApplied", message }, now);
	}
	if (lost || waited > limit / 2) return step(migration, {});
	return step(migration, {}, [movingPatch(subject, status.to, status.promised?.value)]);
}

/** A status that somebody else has written may not say it: then since it was asked for, or the move would never end. */
function begunAt({ status, createdAt }: Migration): number {
	return status.startedAt ?? createdAt;
}

function lostTarget({ migration, workload, policy, observation }: Subject): Because | undefined {
	const { to } = migration.status;
	if (to === undefined || !pinsWhole(workload, policy)) return undefined;
	// The policy may choose by another key by now.
	const { topologyKey } = pinOf(workload) ?? policy.placement;
	const loss = domainLoss(observation.cluster.nodes, topologyKey, to);
	if (loss?.reason === "NodeNotReady" && observation.nodesSettle) return undefined;
	return loss && { reason: "TargetLost", message: loss.message };
}

function stuck(subject: Subject): Because | undefined {
	const { migration, workload, observation, now } = subject;
	const timing = observation.timing ?? DEFAULT_TIMING;
	if (workload.rolledOut) return undefined;
	if (workload.progressDeadlineExceeded) {
		return { reason: "ProgressDeadlineExceeded", message: "the rollout exceeded the deployment's progress deadline" };
	}
	const pod = unschedulablePod(subject, timing.unschedulable);
	if (pod) {
		const message = `pod ${pod.name} found no room on ${migration.status.to} for ${duration(timing.unschedulable)}`;
		return { reason: "Unschedulable", message };
	}
	if (now - begunAt(migration) <= timing.rollout) return undefined;
	return { reason: "RolloutTimeout", message: `the rollout was not complete after ${duration(timing.rollout)}` };
}

function unschedulablePod({ migration, workload, policy, observation, now }: Subject, grace: number): Pod | undefined {
	const { to } = migration.status;
	if (!pinsWhole(workload, policy)) return undefined;
	for (const pod of observation.cluster.podsByWorkload.get(workload.key) ?? []) {
		if (pod.scheduling.nodeSelector[policy.placement.topologyKey] !== to) continue;
		if ((unschedulableFor(pod, now) ?? 0) > grace) return pod;
	}
	return undefined;
}

/** Where the pods go back to: known to be good only when they ran at the target for a while. */
function wayBack({ migration, workload, policy }: Subject): string | undefined {
	const ranThere = migration.status.phase === "Verifying" && pinsWhole(workload, policy);
	return ranThere ? migration.status.from : undefined;
}

function undo(subject: Subject, because: Because, measured?: number): Step {
	const { migration } = subject;
	const change = { ...because, ...(measured !== undefined && { measured }) };
	return step(migration, change, [undoingPatch(subject, because.message, wayBack(subject))]);
}

/** The decision to undo is on record. Once the template no longer carries our patch, it is done. */
function undoing(subject: Subject): Step {
	const { migration, workload, now } = subject;
	const { reason = "", message = "", phase } = migration.status;
	const isOurs = isPatched(workload, migration) && !isOverridden(workload, migration);
	if (isOurs) return undo(subject, { reason, message });
	const isBack = reason === CANCELLED || (phase === "Verifying" && reason === "WorseThanBefore");
	return isBack ? reverted(migration, { reason, message }, now) : failed(migration, { reason, message }, now);
}
