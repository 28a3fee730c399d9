import { CANCEL_ANNOTATION, GROUP, RESOURCES, resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { isCancelled } from "../../../src/core/migration/cancellation.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { mergePatch, remove } from "../client/writing.ts";
import type { Context } from "../commands/command.ts";
import type { MigrateOptions } from "../commands/migrate.ts";
import { migrationEnded, notFound, notMovable, PluginError } from "../errors.ts";
import { readDeployment } from "../resources/read.ts";
import { announce } from "./announce.ts";
import { follow } from "./follow.ts";
import { underWay } from "./move.ts";

/**
 * `kubectl qos migrate --cancel`. A request that was not begun is deleted, on condition that it still was
 * not: that needs no controller. One that has begun is annotated; the controller undoes it.
 */
export async function cancelMove(options: MigrateOptions, context: Context): Promise<void> {
	const { client, namespace } = await context.session();
	const migration = await underWay(client, namespace, options.name);
	if (!migration) throw await nothingUnderWay(client, namespace, options.name);
	const isBegun = migration.status.phase !== undefined && migration.status.phase !== "Pending";
	if (options.dryRun === "client") {
		await announce(context.terminal, { metadata: { namespace, name: migration.name } }, options, "cancelled");
		return;
	}
	if (!isBegun && (await deleted(client, migration, options.dryRun === "server"))) {
		await announce(context.terminal, { metadata: { namespace, name: migration.name } }, options, "cancelled");
		return;
	}
	await stop(migration, options, context);
}

async function nothingUnderWay(client: ApiClient, namespace: string, name: string): Promise<PluginError> {
	const deployment = await readDeployment(client, namespace, name);
	if (deployment instanceof PluginError) return deployment;
	return notMovable(`no migration of deployment "${name}" is under way; go back from one that has ended with --revert`);
}

/** False when the controller has begun it in the meantime. */
async function deleted(client: ApiClient, migration: Migration, dryRun: boolean): Promise<boolean> {
	const { namespace, name, uid, resourceVersion } = migration;
	const path = resourcePath("QoSMigration", namespace, name);
	try {
		await remove(client, path, { preconditions: { uid, resourceVersion }, dryRun });
		return true;
	} catch (error) {
		if (error instanceof PluginError && error.reason === "Conflict") return false;
		throw error;
	}
}

async function stop(migration: Migration, options: MigrateOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const { name } = migration;
	const body = { metadata: { annotations: { [CANCEL_ANNOTATION]: "true" } } };
	const query = options.dryRun === "server" ? { dryRun: "All" } : {};
	const path = resourcePath("QoSMigration", namespace, name);
	const answer = await mergePatch(client, path, body, query);
	if (isMissing(answer)) throw notFound(`${RESOURCES.QoSMigration}.${GROUP}`, name);
	if (options.dryRun === "server" || !options.wait) {
		await announce(terminal, answer, options, "is being cancelled");
		return;
	}
	const following = { client, terminal, namespace, name, timeout: options.timeout, workload: options.name };
	const { value, object } = await follow({
		...following,
		goesOn: `the controller undoes migration ${name} when it can`,
	});
	if (!isCancelled(value)) {
		throw migrationEnded(
			`qosmigrations.${GROUP} "${name}" had ended before: ${value.status.phase}; go back from it with --revert`,
		);
	}
	await announce(terminal, object, options, "cancelled");
}
