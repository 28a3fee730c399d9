import { workloadKey } from "../../../src/core/cluster/workload.ts";
import { isFinished, type Migration, type Override } from "../../../src/core/migration/migration.ts";
import type { Context } from "../commands/command.ts";
import type { MigrateOptions } from "../commands/migrate.ts";
import { notMovable } from "../errors.ts";
import { listMigrations } from "../resources/read.ts";
import { request } from "./move.ts";

/** Going back is a move against the recommendation, soon after another: these would forbid it. */
const SET_ASIDE: readonly Override[] = ["Cooldown", "MinGain", "Confidence"];

/** `kubectl qos migrate --revert`: a migration back to where the last one took the Deployment from. */
export async function revertMove(options: MigrateOptions, context: Context): Promise<void> {
	const { client, namespace } = await context.session();
	const key = workloadKey(namespace, options.name);
	const migrations = await listMigrations(client, namespace);
	const own = migrations.read.map(({ value }) => value).filter(({ workload }) => workload === key);
	const { name, from } = lastMove(own, options.name);
	const override: readonly Override[] = options.force ? [...SET_ASIDE, "Disruption"] : SET_ASIDE;
	await request({ options, to: from, override, reason: options.reason ?? `revert of ${name}` }, context);
}

/** The newest migration that moved it, and where from. @throws PluginError NotMovable when there is no way back */
export function lastMove(migrations: readonly Migration[], name: string): { name: string; from: string } {
	if (migrations.some((migration) => !isFinished(migration))) {
		throw notMovable(`deployment "${name}" is being moved; stop that with --cancel`);
	}
	const [newest] = migrations
		.filter(({ status }) => status.startedAt !== undefined && status.phase !== "Rejected")
		.toSorted((left, right) => (right.status.completedAt ?? 0) - (left.status.completedAt ?? 0));
	if (!newest) throw notMovable(`no migration of deployment "${name}" is known, so there is nothing to revert`);
	const { phase, reason, from } = newest.status;
	if (phase === "Reverted" || (phase === "Failed" && reason !== "WorseKept")) {
		throw notMovable(
			`the last migration of deployment "${name}", "${newest.name}", was undone already (${phase}: ${reason})`,
		);
	}
	if (from === undefined) {
		throw notMovable(
			`migration "${newest.name}" does not say where deployment "${name}" was before; name a place with --to`,
		);
	}
	return { name: newest.name, from };
}
