import type { Migration } from "../../../../src/core/migration/migration.ts";
import type { PrintableObject } from "../../output/print.ts";
import { printerFor } from "../../output/printer.ts";
import { describeLeader, type LeaderState, readLeader } from "../../resources/controller.ts";
import { listMigrations, type Read } from "../../resources/read.ts";
import { findWorkloads, keyOf, type Workload } from "../../resources/workloads.ts";
import type { Context } from "../command.ts";
import { reportObject, scopeOf } from "../reading.ts";
import { Remarks } from "../remarks.ts";
import type { StatusOptions } from "./command.ts";
import { describeSystem } from "./overview.ts";
import { type StatusRow, statusTable } from "./table.ts";

export async function run(options: StatusOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const scope = scopeOf(options, namespace);
	const [leader, lookup, migrations] = await Promise.all([
		readLeader(client, options.controllerNamespace),
		findWorkloads(client, scope),
		listMigrations(client, scope.namespace),
	]);
	const now = terminal.now();
	const newest = newestByWorkload(migrations.read);
	const rows = lookup.workloads.map((workload) => ({ workload, last: newest.get(keyOf(workload.deployment)) }));
	if (options.format.kind === "table" && options.headers) {
		const lines = [describeLeader(leader, now)];
		if (scope.targets.length === 0) {
			const { controllerNamespace } = options;
			lines.push(...(await describeSystem(client, { controllerNamespace, scope, lookup, migrations, now })));
		}
		terminal.write(`${lines.join("\n")}\n\n`);
	}
	const printer = printerFor(terminal, { ...options, single: false });
	await printer.add({
		table: (wide) => statusTable(rows, { wide, namespaces: options.allNamespaces, now }),
		objects: () => statusObjects(rows, leader, now),
	});
	const remarks = new Remarks();
	remarks.add(lookup, now);
	await printer.end(remarks.failures.length === 0);
	for (const line of [...remarks.lines(scope.namespace), ...conflicts(lookup.workloads)]) terminal.note(line);
	const failures = [...lookup.failures, ...migrations.failures];
	if (failures.length > 0) throw new AggregateError(failures);
}

function newestByWorkload(migrations: readonly Read<Migration>[]): ReadonlyMap<string, Read<Migration>> {
	const newest = new Map<string, Read<Migration>>();
	for (const migration of migrations) {
		const { workload, createdAt } = migration.value;
		if (createdAt >= (newest.get(workload)?.value.createdAt ?? 0)) newest.set(workload, migration);
	}
	return newest;
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
