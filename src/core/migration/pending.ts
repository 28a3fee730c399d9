import { admissible, goesFirst } from "./admissible.ts";
import { cancellation } from "./cancellation.ts";
import type { Migration } from "./migration.ts";
import { DEFAULT_TIMING, type Step, type Subject, step } from "./observation.ts";
import { migratingEvent, rejected, waiting } from "./outcome.ts";
import { isPatched, movingPatch } from "./patch.ts";
import { samplesBefore } from "./verification.ts";

/** Reasons while Rolling. `Patching`: the intent is on record, the patch may or may not have been made. */
export const PATCHING = "Patching";
export const ROLLING_OUT = "RollingOut";

/** An evaluation older than this (ms) says nothing about now. */
const MAX_EVALUATION_AGE = 300_000;

/** Validates and begins the move. */
export function pending(subject: Subject): Step {
	const { migration, observation, now } = subject;
	if (isPatched(subject.workload, migration)) return alreadyPatched(subject);
	const stop = cancellation(migration);
	if (stop) return rejected(migration, stop, now);
	const first = goesFirst(migration, observation.cluster.migrations.values());
	if (first) {
		const message = `migration ${first.name} of the same deployment is ${first.status.phase ?? "Pending"}`;
		return rejected(migration, { reason: "AlreadyInFlight", message }, now);
	}
	const { evaluation } = observation;
	if (!evaluation || now - evaluation.observedAt > MAX_EVALUATION_AGE) return unevaluated(subject);
	const target = admissible({ ...subject, evaluation });
	if ("reason" in target) return rejected(migration, target, now);
	const from = evaluation.current.domain;
	const before = samplesBefore(subject);
	const message = `moving from ${from ?? "nowhere"} to ${target.domain}`;
	const change = {
		phase: "Rolling",
		from,
		to: target.domain,
		promised: target.predicted,
		measuredBefore: before,
		startedAt: now,
		reason: PATCHING,
		message,
	} as const;
	const begun: Migration = { ...migration, status: { ...migration.status, ...change } };
	const patch = movingPatch({ ...subject, migration: begun }, target.domain, target.predicted?.value);
	const why = migration.reason === "" ? "" : `: ${migration.reason}`;
	return step(migration, change, [patch, migratingEvent(migration, `${message}${why}`)]);
}

/** The status was lost, the patch was not: nothing is patched again. */
function alreadyPatched({ migration, observation, workload, now }: Subject): Step {
	const to = migration.status.to ?? migration.to ?? observation.evaluation?.current.domain;
	const message = `the template of ${workload.key} was patched already`;
	const startedAt = migration.status.startedAt ?? now;
	return step(migration, { phase: "Rolling", to, startedAt, reason: ROLLING_OUT, message });
}

function unevaluated({ migration, observation, now }: Subject): Step {
	const { evaluation: limit } = observation.timing ?? DEFAULT_TIMING;
	if (now - migration.createdAt <= limit) {
		return waiting(migration, { reason: "AwaitingEvaluation", message: "the deployment is not evaluated yet" });
	}
	const message = `the deployment could not be evaluated for ${Math.round(limit / 1000)} s`;
	return rejected(migration, { reason: "NotEvaluated", message }, now);
}
