import type { Migration } from "../../../src/core/migration/migration.ts";
import { type FlagValues, READ_FLAGS } from "../arguments/flags.ts";
import { formatAge } from "../output/age.ts";
import { formatValue, NONE, UNKNOWN } from "../output/number.ts";
import { type PrintableObject, print } from "../output/print.ts";
import type { Table } from "../output/table.ts";
import { CONTROLLER_NAMESPACE, describeLeader, type LeaderState, readLeader } from "../resources/controller.ts";
import { ageOf, believable, isStale } from "../resources/freshness.ts";
import { listMigrations, type Read } from "../resources/read.ts";
import { findWorkloads, scopeOf, type Workload } from "../resources/workloads.ts";
import { type Context, defineCommand, type WorkloadOptions } from "./command.ts";
import { remarks, reportObject, workloadOptions } from "./reading.ts";
import { sloVerdict } from "./slo.ts";

export interface StatusOptions extends WorkloadOptions {
	readonly controllerNamespace: string;
}

/** `kubectl qos status`: who leads, what is measured, and how the last move went. */
export const status = defineCommand({
	name: "status",
	summary: "Show the controller, measured QoS and the last move of each Deployment",
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos status", "The controller and all Deployments of the namespace"],
		["kubectl qos status deploy/web -o wide", "With why the last move ended as it did"],
	],
	operands: "deployments",
	flags: [
		{
			name: "controller-namespace",
			kind: "string",
			default: CONTROLLER_NAMESPACE,
			description: "Namespace the controller runs in",
		},
		...READ_FLAGS,
	],
	options: (flags: FlagValues, operands: readonly string[]): StatusOptions => ({
		...workloadOptions(flags, operands),
		controllerNamespace: flags.text("controller-namespace") ?? CONTROLLER_NAMESPACE,
	}),
	run,
});

async function run(options: StatusOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const scope = scopeOf(options.names, options, namespace);
	const [leader, lookup, migrations] = await Promise.all([
		readLeader(client, options.controllerNamespace),
		findWorkloads(client, scope),
		listMigrations(client, scope.namespace),
	]);
	const now = terminal.now();
	const newest = newestByWorkload(migrations.read);
	const rows = lookup.workloads.map((workload) => ({ workload, last: newest.get(keyOf(workload)) }));
	const isTable = options.output === undefined || options.output === "wide";
	if (isTable && options.headers) terminal.write(`${describeLeader(leader, now)}\n\n`);
	await print(
		terminal,
		{
			table: (wide) => statusTable(rows, { wide, namespaces: options.allNamespaces, now }),
			objects: () => statusObjects(rows, leader, now),
			single: false,
		},
		options,
	);
	for (const line of remarks(lookup, scope.namespace, now)) terminal.note(line);
	for (const line of conflicts(lookup.workloads)) terminal.note(line);
	const failures = [...lookup.failures, ...migrations.failures];
	if (failures.length > 0) throw new AggregateError(failures);
}

function keyOf({ deployment }: Workload): string {
	return `${deployment.namespace}/${deployment.name}`;
}

function newestByWorkload(migrations: readonly Read<Migration>[]): ReadonlyMap<string, Read<Migration>> {
	const newest = new Map<string, Read<Migration>>();
	for (const migration of migrations) {
		const { workload, createdAt } = migration.value;
		if (createdAt >= (newest.get(workload)?.value.createdAt ?? 0)) newest.set(workload, migration);
	}
	return newest;
}

/** One Deployment and its newest QoSMigration. */
export interface StatusRow {
	readonly workload: Workload;
	readonly last: Read<Migration> | undefined;
}

const HEADERS = ["NAME", "NODE", "MODE", "MEASURED", "TARGET", "SLO", "AGE", "MOVE", "PHASE", "PROMISED", "DELIVERED"];
const WIDE = ["POLICY", "REQUESTED-BY", "REASON", "MESSAGE"];

/** AGE is the report's; MOVE to DELIVERED speak of the newest QoSMigration. */
export function statusTable(
	rows: readonly StatusRow[],
	how: { readonly wide: boolean; readonly namespaces: boolean; readonly now: number },
): Table {
	return {
		headers: [...(how.namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(how.wide ? WIDE : [])],
		rows: rows.map((row) => [
			...(how.namespaces ? [row.workload.deployment.namespace] : []),
			row.workload.deployment.name,
			...qualityCells(row.workload, how.now),
			...moveCells(row),
			...(how.wide ? wideCells(row) : []),
		]),
	};
}

function qualityCells({ report, governance }: Workload, now: number): readonly string[] {
	const mode = governance ? governance.policy.mode + (governance.policy.suspend ? " (suspended)" : "") : NONE;
	const status = believable(report?.value, now);
	if (!status) return [UNKNOWN, mode, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];
	const { objective, current } = status;
	return [
		current.node ?? NONE,
		mode,
		formatValue(current.measured, objective.unit),
		objective.target === undefined ? NONE : formatValue(objective.target, objective.unit),
		sloVerdict(current.measured, objective),
		formatAge(ageOf(status, now)) + (isStale(status, now) ? " (stale)" : ""),
	];
}

function moveCells({ workload, last }: StatusRow): readonly string[] {
	if (!last) return [NONE, NONE, NONE, NONE];
	const { status, to } = last.value;
	const unit = workload.report?.value.status?.objective.unit ?? "";
	return [
		`${status.from ?? UNKNOWN}->${status.to ?? to ?? UNKNOWN}`,
		status.phase ?? "Pending",
		formatValue(status.promised?.value, unit),
		formatValue(status.measured, unit),
	];
}

function wideCells({ workload, last }: StatusRow): readonly string[] {
	const policy = workload.governance?.policy.name ?? NONE;
	if (!last) return [policy, NONE, NONE, NONE];
	const { requestedBy, status } = last.value;
	return [policy, requestedBy || UNKNOWN, status.reason || UNKNOWN, status.message || NONE];
}

/** Everything the table is made of, as the server has it. */
function statusObjects(rows: readonly StatusRow[], leader: LeaderState, now: number): readonly PrintableObject[] {
	const lease = "unknown" in leader ? [] : [leader.object];
	return [
		...lease,
		...rows.flatMap(({ workload, last }) => [reportObject(workload, now), ...(last ? [last.object] : [])]),
	];
}

function conflicts(workloads: readonly Workload[]): readonly string[] {
	return workloads.flatMap(({ deployment, governance }) =>
		(governance?.conflicting ?? []).map(
			({ name }) =>
				`warning: QoSPolicy "${name}" selects deployment "${deployment.name}" in vain: the older "${governance?.policy.name}" governs it`,
		),
	);
}
