import type { Logger } from "pino";
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
	 * Carries out commands in order and stops at the first that was not applied: what follows rests on
	 * it, and the next look decides anew. Nothing is written after leadership is lost.
	 * Returns how many were applied.
	 */
	async apply(commands: readonly Command[]): Promise<number> {
		let applied = 0;
		for (const command of commands) {
			if (!this.options.isLeader()) return applied;
			const outcome = await this.options.actuator.apply(command);
			this.report(command, outcome);
			if (outcome !== "Applied") return applied;
			applied++;
		}
		return applied;
	}

	private report(command: Command, outcome: CommandOutcome): void {
		const { logger, telemetry } = this.options;
		const label = typeof outcome === "string" ? outcome : "Failed";
		telemetry.commands.inc({ command: command.kind, outcome: label });
		const fields = { command: command.kind, ...subject(command), outcome };
		if (label === "Failed") logger.warn(fields, "command failed");
		else if (command.kind !== "RecordEvent") logger.info(fields, "command carried out");
	}
}

function subject(command: Command): Record<string, unknown> {
	switch (command.kind) {
		case "UpdateMigration":
			return { migration: command.migration.name, phase: command.status.phase, reason: command.status.reason };
		case "DeleteMigration":
			return { migration: command.migration.name };
		case "PinWorkload":
			return { workload: command.workload, value: command.value };
		case "CreateMigration":
			return { workload: command.workload, to: command.to };
		case "EvictPod":
			return { pod: `${command.namespace}/${command.name}`, reason: command.reason };
		case "ReleaseWorkload":
			return { workload: command.workload, reason: command.reason };
		case "RollWorkload":
		case "RecordEvent":
			return { workload: command.workload };
	}
}
