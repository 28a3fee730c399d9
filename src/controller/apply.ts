import type { Logger } from "pino";
import type { WorkloadKey } from "../core/cluster/workload.ts";
import type { Actuator, Command, CommandOutcome } from "../core/migration/command.ts";
import type { Telemetry } from "./telemetry.ts";

export interface ExecutorOptions {
	readonly actuator: Actuator;
	readonly isLeader: () => boolean;
	readonly telemetry: Telemetry;
	readonly logger: Logger;
}

/** The only way from a decision to the cluster. */
export class Executor {
	private readonly options: ExecutorOptions;

	constructor(options: ExecutorOptions) {
		this.options = options;
	}

	/**
	 * Carries out commands in order. Where one was not applied, the later ones about the same object
	 * are left out: they rest on it, and the next look decides anew. Nothing is written after leadership
	 * is lost. Returns how many were applied; `onApplied` hears of each.
	 */
	async apply(commands: readonly Command[], onApplied?: (command: Command) => void): Promise<number> {
		let applied = 0;
		const broken = new Set<string>();
		for (const command of commands) {
			if (!this.options.isLeader()) return applied;
			const subject = Object.values(subjectOf(command)).join();
			if (broken.has(subject)) continue;
			const outcome = await this.options.actuator.apply(command);
			this.report(command, outcome);
			if (outcome === "Applied") {
				applied++;
				onApplied?.(command);
			} else broken.add(subject);
		}
		return applied;
	}

	private report(command: Command, outcome: CommandOutcome): void {
		const { logger, telemetry } = this.options;
		const label = typeof outcome === "string" ? outcome : "Failed";
		telemetry.commands.inc({ command: command.kind, outcome: label });
		const fields = { command: command.kind, ...subjectOf(command), ...details(command), outcome };
		if (label === "Failed") logger.warn(fields, "command failed");
		else if (!command.kind.endsWith("Event")) logger.info(fields, "command carried out");
	}
}

/** What a command is about, as logs name it. */
function subjectOf(command: Command): { workload: WorkloadKey } | { policy: string } {
	if (command.kind === "RecordPolicyEvent") return { policy: `${command.policy.namespace}/${command.policy.name}` };
	return { workload: "migration" in command ? command.migration.workload : command.workload };
}

function details(command: Command): Record<string, unknown> {
	switch (command.kind) {
		case "UpdateMigration":
			return { migration: command.migration.name, phase: command.status.phase, reason: command.status.reason };
		case "DeleteMigration":
			return { migration: command.migration.name };
		case "PinWorkload":
			return { value: command.value };
		case "CreateMigration":
			return { to: command.to, reason: command.reason };
		case "EvictPod":
			return { pod: command.name, reason: command.reason };
		case "ReleaseWorkload":
			return { reason: command.reason };
		case "RollWorkload":
		case "RecordEvent":
		case "RecordPolicyEvent":
			return {};
	}
}
