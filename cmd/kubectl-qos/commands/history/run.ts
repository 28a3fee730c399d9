import { workloadKey } from "../../../../src/core/cluster/workload.ts";
import type { Migration } from "../../../../src/core/migration/migration.ts";
import type { ApiClient } from "../../client/client.ts";
import { PluginError } from "../../errors.ts";
import { compare, valuesAt } from "../../output/jsonpath/evaluate.ts";
import { noResources } from "../../output/print.ts";
import { printerFor } from "../../output/printer.ts";
import { listDeployments, listMigrations, type Read, readDeployment, readReport } from "../../resources/read.ts";
import type { Scope } from "../../resources/workloads.ts";
import type { Context } from "../command.ts";
import { scopeOf } from "../reading.ts";
import type { HistoryOptions } from "./command.ts";
import { historyTable } from "./table.ts";

export async function run(options: HistoryOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const scope = scopeOf(options, namespace);
	const { migrations, failures } = await migrationsOf(client, scope);
	const now = terminal.now();
	const chosen = newestFirst(migrations, options, now);
	const units = await unitsOf(client, chosen);
	const printer = printerFor(terminal, { ...options, single: false });
	await printer.add({
		table: (wide) => historyTable(chosen, { wide, namespaces: options.allNamespaces, now, units }),
		objects: () => chosen.map(({ object }) => object),
	});
	await printer.end(failures.length === 0);
	if (chosen.length === 0 && failures.length === 0) {
		terminal.note(noResources(scope.namespace));
	}
	if (failures.length > 0) throw new AggregateError(failures);
}

interface Found {
	readonly migrations: readonly Read<Migration>[];
	readonly failures: readonly PluginError[];
}

/** Of Deployments that are asked for; what is gone but was moved still has a history. */
async function migrationsOf(client: ApiClient, scope: Scope): Promise<Found> {
	const { namespace, targets, selector, fieldSelector } = scope;
	const filter = { selector, fieldSelector };
	const [all, selected, named] = await Promise.all([
		listMigrations(client, targets.some((target) => target.namespace !== undefined) ? undefined : namespace),
		(selector ?? fieldSelector) === undefined ? undefined : listDeployments(client, namespace, filter),
		Promise.all(
			targets.map(async (target) => {
				const where = target.namespace ?? namespace ?? "";
				return { key: workloadKey(where, target.name), read: await readDeployment(client, where, target.name) };
			}),
		),
	]);
	const failures = [...all.failures];
	for (const { key, read } of named) {
		if (read instanceof PluginError && !all.read.some(({ value }) => value.workload === key)) failures.push(read);
	}
	const wanted =
		targets.length > 0 ? named.map(({ key }) => key) : selected?.map((each) => workloadKey(each.namespace, each.name));
	const migrations = wanted ? all.read.filter(({ value }) => wanted.includes(value.workload)) : all.read;
	return { migrations, failures };
}

function newestFirst(
	migrations: readonly Read<Migration>[],
	{ since, limit, sortBy }: HistoryOptions,
	now: number,
): readonly Read<Migration>[] {
	const young = migrations.filter(({ value }) => since === undefined || now - value.createdAt <= since);
	const sorted = young.toSorted((left, right) =>
		sortBy
			? (compare(valuesAt(sortBy, left.object)[0], valuesAt(sortBy, right.object)[0]) ?? 0)
			: right.value.createdAt - left.value.createdAt,
	);
	return limit === 0 ? sorted : sorted.slice(0, limit);
}

/** Units of what was measured, by Deployment: only the report knows the metric's. */
async function unitsOf(
	client: ApiClient,
	migrations: readonly Read<Migration>[],
): Promise<ReadonlyMap<string, string>> {
	const keys = [...new Set(migrations.map(({ value }) => value.workload))];
	const units = await Promise.all(
		keys.map(async (key) => {
			const [namespace = "", name = ""] = key.split("/");
			const report = await readReport(client, namespace, name).catch(() => undefined);
			return [key, report?.value.status?.objective.unit ?? ""] as const;
		}),
	);
	return new Map(units);
}
