import type { Command, CommandOf } from "./command.ts";
import type { Migration } from "./migration.ts";
import { type Step, step } from "./observation.ts";

/** A transition's CamelCase reason and its sentence. */
export interface Because {
	readonly reason: string;
	readonly message: string;
}

type EventReason = CommandOf<"RecordEvent">["reason"];

function event(migration: Migration, reason: EventReason, message: string): Command {
	const type = reason === "QoSMigrating" || reason === "QoSMigrated" ? "Normal" : "Warning";
	return { kind: "RecordEvent", workload: migration.workload, type, reason, message };
}

export function waiting(migration: Migration, because: Because): Step {
	return step(migration, { phase: "Pending", ...because });
}

/** Nothing was moved. */
export function rejected(migration: Migration, because: Because, now: number): Step {
	return step(migration, { phase: "Rejected", ...because, completedAt: now });
}

export function failed(migration: Migration, because: Because, now: number): Step {
	const text = `migration ${migration.name} failed: ${because.message}`;
	return step(migration, { phase: "Failed", ...because, completedAt: now }, [event(migration, "QoSReverted", text)]);
}

export function reverted(migration: Migration, because: Because, now: number): Step {
	const text = `migration ${migration.name} reverted: ${because.message}`;
	return step(migration, { phase: "Reverted", ...because, completedAt: now }, [event(migration, "QoSReverted", text)]);
}

export function succeeded(migration: Migration, because: Because & { readonly measured?: number }, now: number): Step {
	const text = `migration ${migration.name}: ${because.message}`;
	return step(migration, { phase: "Succeeded", ...because, completedAt: now }, [event(migration, "QoSMigrated", text)]);
}

export function migratingEvent(migration: Migration, message: string): Command {
	return event(migration, "QoSMigrating", message);
}
