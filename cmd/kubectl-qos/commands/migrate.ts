import { API_VERSION, GROUP } from "../../../src/api/v1alpha1/group.ts";
import { newMigration, OVERRIDES } from "../../../src/api/v1alpha1/migration.ts";
import { workloadKey } from "../../../src/core/cluster/workload.ts";
import { isFinished, type Migration } from "../../../src/core/migration/migration.ts";
import { durationOf, type FlagValues, OUTPUT_FLAG, outputOf } from "../arguments/flags.ts";
import { parseTargets } from "../arguments/targets.ts";
import type { ApiClient } from "../client/client.ts";
import { interrupted, migrationEnded, notConfirmed, notGoverned, notMovable, usage } from "../errors.ts";
import { chooseDestination, type Destination } from "../migration/destination.ts";
import { follow } from "../migration/follow.ts";
import { describePlan, type Plan } from "../migration/plan.ts";
import { formatValue } from "../output/number.ts";
import { type OutputFormat, type PrintableObject, printValue, qualifiedName, readable } from "../output/print.ts";
import { isStale } from "../resources/freshness.ts";
import { createMigration, listMigrations } from "../resources/read.ts";
import { explainAbsence, findWorkloads, type Workload } from "../resources/workloads.ts";
import type { Terminal } from "../terminal.ts";
import { type Context, defineCommand } from "./command.ts";

/** What `migrate` is asked for. */
interface MigrateOptions {
	readonly name: string;
	readonly to: string | undefined;
	readonly force: boolean;
	readonly reason: string;
	readonly wait: boolean;
	/** ms; 0: no limit. */
	readonly timeout: number;
	readonly yes: boolean;
	readonly dryRun: "none" | "client" | "server";
	readonly output: "json" | "yaml" | "name" | undefined;
}

/** `kubectl qos migrate`: asks for a move, and tells how it went. */
export const migrate = defineCommand({
	name: "migrate",
	summary: "Move a Deployment to another node, and wait for the outcome",
	usage: "TYPE/NAME",
	examples: [
		["kubectl qos migrate deploy/web", "Where it is best"],
		["kubectl qos migrate deploy/web --to edge-2 --force", "There, whatever cooldown and gain say"],
		["kubectl qos migrate deploy/web --to edge-2 --dry-run=server -o yaml", "Show the request only"],
	],
	operands: "deployments",
	flags: [
		{
			name: "to",
			kind: "string",
			description: "Value of the policy's topology key, such as a node's name; default: the best",
		},
		{ name: "force", kind: "boolean", description: `Set aside ${OVERRIDES.join(", ")}; never feasibility` },
		{ name: "reason", kind: "string", description: "Why, for the record" },
		{ name: "wait", kind: "boolean", default: true, description: "Wait until the move has ended and was verified" },
		{ name: "timeout", kind: "string", default: "0s", description: "Longest wait; 0s: no limit" },
		{ name: "yes", short: "y", kind: "boolean", description: "Do not ask" },
		{ name: "dry-run", kind: "string", default: "none", description: 'Must be "none", "server", or "client"' },
		OUTPUT_FLAG,
	],
	options: migrateOptions,
	run,
});

function migrateOptions(flags: FlagValues, operands: readonly string[]): MigrateOptions {
	const [name, ...others] = parseTargets(operands);
	if (name === undefined || others.length > 0) throw usage("name one Deployment: TYPE/NAME", "migrate");
	const dryRun = flags.text("dry-run") ?? "none";
	if (dryRun !== "none" && dryRun !== "server" && dryRun !== "client") {
		throw usage(`Invalid dry-run value (${dryRun}). Must be "none", "server", or "client".`);
	}
	return {
		name,
		to: flags.text("to"),
		force: flags.isSet("force"),
		reason: flags.text("reason") ?? "asked for with kubectl qos migrate",
		wait: flags.isSet("wait"),
		timeout: durationOf(flags, "timeout") ?? 0,
		yes: flags.isSet("yes"),
		dryRun,
		output: migrateOutput(outputOf(flags)),
	};
}

function migrateOutput(output: OutputFormat | undefined): MigrateOptions["output"] {
	if (output === "wide") throw usage("migrate prints no table; allowed formats are: json,yaml,name");
	return output;
}

async function run(options: MigrateOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const plan = await planMove(options, { client, namespace, now: terminal.now() });
	if (!plan) {
		terminal.note(`deployment.apps/${options.name} already runs on ${options.to}; nothing to do`);
		return;
	}
	for (const line of describePlan(plan)) terminal.note(line);
	const request = newMigration({
		workload: workloadKey(namespace, options.name),
		to: options.to,
		override: options.force ? OVERRIDES : [],
		reason: options.reason,
	});
	if (options.dryRun === "client") {
		await announce(terminal, request, options);
		return;
	}
	if (options.dryRun === "server") {
		const { object } = await createMigration(client, namespace, request, { dryRun: "All" });
		await announce(terminal, object, options);
		return;
	}
	await confirm(terminal, options);
	const created = await createMigration(client, namespace, request, {});
	// With -o and --wait the object is printed once, in its last state.
	if (!options.wait || options.output === undefined) await announce(terminal, created.object, options);
	if (!options.wait) return;
	const ended = await follow({ client, terminal, namespace, name: created.value.name, timeout: options.timeout });
	if (options.output !== undefined) await announce(terminal, ended.object, options);
	conclude(terminal, ended.value, { options, unit: plan.unit, destination: plan.destination });
}

/** `undefined` when it runs there already. @throws PluginError when it cannot be moved as asked */
async function planMove(
	options: MigrateOptions,
	{ client, namespace, now }: { readonly client: ApiClient; readonly namespace: string; readonly now: number },
): Promise<(Plan & { readonly unit: string }) | undefined> {
	const { name, to, force } = options;
	const { report, governance } = await governedWorkload(client, namespace, name);
	const { policy } = governance;
	const status = report?.value.status;
	const fresh = status && !isStale(status, now) ? status : undefined;
	const destination = chooseDestination({ name, to, topologyKey: policy.placement.topologyKey, report: fresh });
	const unit = status?.objective.unit ?? "";
	return destination && { namespace, name, destination, policy, report: fresh, force, unit };
}

async function governedWorkload(
	client: ApiClient,
	namespace: string,
	name: string,
): Promise<Workload & { readonly governance: NonNullable<Workload["governance"]> }> {
	const [lookup, migrations] = await Promise.all([
		findWorkloads(client, { namespace, names: [name], selector: undefined }),
		listMigrations(client, namespace),
	]);
	const [workload] = lookup.workloads;
	if (!workload) throw new AggregateError(lookup.failures);
	const { governance } = workload;
	if (!governance) throw notGoverned(explainAbsence(workload).message);
	if (governance.policy.suspend) {
		throw notMovable(`QoSPolicy "${governance.policy.name}" is suspended: nothing moves while spec.suspend is true`);
	}
	const key = workloadKey(namespace, name);
	const moving = migrations.read.find(({ value }) => value.workload === key && !isFinished(value))?.value;
	if (moving) {
		throw notMovable(
			`deployment "${name}" is being moved already: qosmigration "${moving.name}" is ${moving.status.phase ?? "Pending"}`,
		);
	}
	return { ...workload, governance };
}

async function confirm(terminal: Terminal, { yes }: MigrateOptions): Promise<void> {
	if (yes) return;
	if (!terminal.interactive) throw notConfirmed("nobody can be asked here (stdin is no terminal); confirm with --yes");
	const answer = await terminal.ask("Move it? [y/N] ");
	if (answer === undefined) throw interrupted("\nnothing was created");
	if (!/^y(es)?$/i.test(answer.trim())) throw notConfirmed("not confirmed; nothing was created");
}

const DRY_RUN_SUFFIX = { none: "", client: " (dry run)", server: " (server dry run)" } as const;

async function announce(terminal: Terminal, object: object, { output, dryRun }: MigrateOptions): Promise<void> {
	if (output === "json" || output === "yaml") return printValue(terminal, readable(object), output);
	const printable: PrintableObject = { apiVersion: API_VERSION, kind: "QoSMigration", ...object };
	const metadata: { name?: string | undefined; generateName?: string | undefined } = printable.metadata ?? {};
	const name = qualifiedName({ ...printable, metadata: { name: metadata.name ?? metadata.generateName } });
	terminal.write(output === "name" ? `${name}\n` : `${name} created${DRY_RUN_SUFFIX[dryRun]}\n`);
}

interface Outcome {
	readonly options: MigrateOptions;
	readonly unit: string;
	readonly destination: Destination;
}

/** @throws PluginError MigrationEnded unless it succeeded */
function conclude(terminal: Terminal, { name, status }: Migration, { options, unit, destination }: Outcome): void {
	if (status.phase !== "Succeeded") {
		const why = [status.reason, status.message].filter(Boolean).join(": ");
		throw migrationEnded(`qosmigrations.${GROUP} "${name}": ${status.phase}${why === "" ? "" : `: ${why}`}`);
	}
	if (options.output !== undefined) return;
	const way = `${status.from ?? destination.from ?? "?"} -> ${status.to ?? options.to ?? "?"}`;
	const promised = formatValue(status.promised?.value, unit);
	const measured = formatValue(status.measured, unit);
	terminal.write(`deployment.apps/${options.name} migrated: ${way}, promised ${promised}, measured ${measured}\n`);
}
