import { GROUP } from "../../../src/api/v1alpha1/group.ts";
import { newMigration } from "../../../src/api/v1alpha1/migration.ts";
import { workloadKey } from "../../../src/core/cluster/workload.ts";
import { isFinished, type Migration, OVERRIDES, type Override } from "../../../src/core/migration/migration.ts";
import type { ApiClient } from "../client/client.ts";
import type { Context } from "../commands/command.ts";
import type { MigrateOptions } from "../commands/migrate.ts";
import { interrupted, migrationEnded, notConfirmed, notGoverned, notMovable } from "../errors.ts";
import { formatValue } from "../output/number.ts";
import { warningOfOlder } from "../resources/controller.ts";
import { isStale } from "../resources/freshness.ts";
import { CONTROLLER_NAMESPACE } from "../resources/names.ts";
import { createMigration, listMigrations } from "../resources/read.ts";
import { explainAbsence, findWorkloads, type Workload } from "../resources/workloads.ts";
import type { Terminal } from "../terminal.ts";
import { announce } from "./announce.ts";
import { chooseDestination } from "./destination.ts";
import { follow } from "./follow.ts";
import { refuseUnfitNodes } from "./nodes.ts";
import { describePlan, type Plan } from "./plan.ts";

/** One move, whoever chose where to. */
export interface Move {
	readonly options: MigrateOptions;
	readonly to: string | undefined;
	readonly override: readonly Override[];
	readonly reason: string;
}

/** `kubectl qos migrate`. */
export async function move(options: MigrateOptions, context: Context): Promise<void> {
	const { to, force, reason = "asked for with kubectl qos migrate" } = options;
	await request({ options, to, override: force ? OVERRIDES : [], reason }, context);
}

/** Says what would happen, asks, creates the QoSMigration and follows it. @throws PluginError */
export async function request(asked: Move, { terminal, session }: Context): Promise<void> {
	const { options } = asked;
	const { client, namespace } = await session();
	const [plan, older] = await Promise.all([
		planMove(asked, { client, namespace, now: terminal.now() }),
		warningOfOlder(client, CONTROLLER_NAMESPACE),
	]);
	if (older !== undefined) terminal.note(older);
	if (!plan) {
		terminal.note(`deployment.apps/${options.name} already runs on ${asked.to}; nothing to do`);
		return;
	}
	for (const line of describePlan(plan)) terminal.note(line);
	const body = newMigration({ ...asked, workload: workloadKey(namespace, options.name) });
	if (options.dryRun === "client") {
		await announce(terminal, body, options);
		return;
	}
	if (options.dryRun === "server") {
		const { object } = await createMigration(client, namespace, body, { dryRun: "All" });
		await announce(terminal, object, options);
		return;
	}
	await confirm(terminal, options);
	const created = await createMigration(client, namespace, body, {});
	// With -o and --wait the object is printed once, in its last state.
	if (!options.wait || options.output === undefined) await announce(terminal, created.object, options);
	if (!options.wait) return;
	const { name } = created.value;
	const ended = await follow({ client, terminal, namespace, name, timeout: options.timeout, workload: options.name });
	if (options.output !== undefined) await announce(terminal, ended.object, options);
	conclude(terminal, ended.value, plan, options);
}

/** `undefined` when it runs there already. @throws PluginError when it cannot be moved as asked */
async function planMove(
	{ options: { name }, to, override }: Move,
	{ client, namespace, now }: { readonly client: ApiClient; readonly namespace: string; readonly now: number },
): Promise<Plan | undefined> {
	const { report, governance } = await governedWorkload(client, namespace, name);
	const { policy } = governance;
	const status = report?.value.status;
	const fresh = status && !isStale(status, now) ? status : undefined;
	const { topologyKey } = policy.placement;
	const destination = chooseDestination({ name, to, topologyKey, report: fresh });
	if (!destination) return undefined;
	const reported = fresh !== undefined && destination.warning === undefined;
	if (to !== undefined) await refuseUnfitNodes(client, { name, to, topologyKey, reported });
	return { namespace, name, destination, policy, report: fresh, override, unit: status?.objective.unit ?? "" };
}

async function governedWorkload(
	client: ApiClient,
	namespace: string,
	name: string,
): Promise<Workload & { readonly governance: NonNullable<Workload["governance"]> }> {
	const [lookup, moving] = await Promise.all([
		findWorkloads(client, { namespace, targets: [{ name }] }),
		underWay(client, namespace, name),
	]);
	const [workload] = lookup.workloads;
	if (!workload) throw new AggregateError(lookup.failures);
	const { governance } = workload;
	if (!governance) throw notGoverned(explainAbsence(workload).message);
	if (governance.policy.suspend) {
		throw notMovable(`QoSPolicy "${governance.policy.name}" is suspended: nothing moves while spec.suspend is true`);
	}
	if (moving) {
		throw notMovable(
			`deployment "${name}" is being moved already: qosmigration "${moving.name}" is ${moving.status.phase ?? "Pending"}; stop that with --cancel`,
		);
	}
	return { ...workload, governance };
}

/** The migration of a Deployment that has not ended. */
export async function underWay(client: ApiClient, namespace: string, name: string): Promise<Migration | undefined> {
	const key = workloadKey(namespace, name);
	const migrations = await listMigrations(client, namespace);
	return migrations.read.find(({ value }) => value.workload === key && !isFinished(value))?.value;
}

async function confirm(terminal: Terminal, { yes }: MigrateOptions): Promise<void> {
	if (yes) return;
	if (!terminal.interactive) throw notConfirmed("nobody can be asked here (stdin is no terminal); confirm with --yes");
	const answer = await terminal.ask("Move it? [y/N] ");
	if (answer === undefined) throw interrupted("\nnothing was created");
	if (!/^y(es)?$/i.test(answer.trim())) throw notConfirmed("not confirmed; nothing was created");
}

/** @throws PluginError MigrationEnded unless it succeeded */
function conclude(terminal: Terminal, ended: Migration, { unit, destination }: Plan, options: MigrateOptions): void {
	const { name, status } = ended;
	if (status.phase !== "Succeeded") {
		const why = [status.reason, status.message].filter(Boolean).join(": ");
		throw migrationEnded(`qosmigrations.${GROUP} "${name}": ${status.phase}${why === "" ? "" : `: ${why}`}`);
	}
	if (options.output !== undefined) return;
	const way = `${status.from ?? destination.from ?? "?"} -> ${status.to ?? destination.to ?? "?"}`;
	const promised = formatValue(status.promised?.value, unit);
	const measured = formatValue(status.measured, unit);
	terminal.write(`deployment.apps/${options.name} migrated: ${way}, promised ${promised}, measured ${measured}\n`);
}
