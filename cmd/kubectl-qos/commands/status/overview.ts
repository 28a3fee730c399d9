import { isFinished, type Migration } from "../../../../src/core/migration/migration.ts";
import type { Policy } from "../../../../src/core/policy/policy.ts";
import type { ApiClient } from "../../client/client.ts";
import { PluginError } from "../../errors.ts";
import { readJobs } from "../../jobs/read.ts";
import { formatAge } from "../../output/age.ts";
import { NONE } from "../../output/number.ts";
import { readController } from "../../resources/controller.ts";
import { isStale } from "../../resources/freshness.ts";
import { CONTROLLER_DEPLOYMENT } from "../../resources/names.ts";
import { type Collection, listPolicies } from "../../resources/read.ts";
import type { Lookup, Scope } from "../../resources/workloads.ts";
import { version } from "../../version.ts";

interface System {
	readonly controllerNamespace: string;
	readonly scope: Scope;
	readonly lookup: Lookup;
	readonly migrations: Collection<Migration>;
	/** ms. */
	readonly now: number;
}

/** Everything but the leader, a line each. What may not be read is said so. @throws PluginError when nobody answers */
export async function describeSystem(client: ApiClient, system: System): Promise<readonly string[]> {
	const { controllerNamespace, scope, lookup, migrations, now } = system;
	const [replicas, policies, jobs] = await Promise.all([
		orUnknown(describeReplicas(client, controllerNamespace)),
		orUnknown(listPolicies(client, scope.namespace).then(({ read }) => describePolicies(read.map(valueOf)))),
		orUnknown(describeJobs(client, controllerNamespace, now)),
	]);
	return [
		`Replicas:   ${replicas}`,
		`Policies:   ${policies}`,
		`Reports:    ${describeReports(lookup, now)}`,
		`Models:     ${describeModels(lookup)}`,
		`Moves:      ${describeMoves(migrations.read.map(valueOf), now)}`,
		`Jobs:       ${jobs}`,
	];
}

function valueOf<T>({ value }: { readonly value: T }): T {
	return value;
}

async function orUnknown(answer: Promise<string>): Promise<string> {
	try {
		return await answer;
	} catch (error) {
		if (error instanceof PluginError && error.code === "ServerRefused") return `<unknown>: ${error.message}`;
		throw error;
	}
}

async function describeReplicas(client: ApiClient, namespace: string): Promise<string> {
	const controller = await readController(client, namespace);
	if (!controller) return `<none>: no deployment "${CONTROLLER_DEPLOYMENT}" in namespace "${namespace}"`;
	const { readyReplicas, replicas, image = NONE } = controller;
	return `${readyReplicas}/${replicas} ready, ${image}; plugin ${version()}`;
}

function describePolicies(policies: readonly Policy[]): string {
	if (policies.length === 0) return NONE;
	const modes = counted(policies.map(({ mode, suspend }) => (suspend ? `${mode} (suspended)` : mode)));
	return `${policies.length}: ${modes}`;
}

function describeReports({ workloads }: Lookup, now: number): string {
	const statuses = workloads.flatMap(({ report }) => (report?.value.status ? [report.value.status] : []));
	const stale = statuses.filter((status) => isStale(status, now)).length;
	const actions = counted(statuses.map(({ decision }) => decision.action));
	const oldest = Math.max(...statuses.map(({ observedAt }) => now - Date.parse(observedAt)));
	if (statuses.length === 0) return `${NONE} of ${workloads.length} Deployments`;
	const age = `oldest ${formatAge(oldest)}${stale > 0 ? `, ${stale} stale` : ""}`;
	return `${statuses.length} of ${workloads.length} Deployments: ${actions}; ${age}`;
}

function describeModels({ workloads }: Lookup): string {
	const models = workloads.flatMap(({ report }) => {
		const model = report?.value.status?.modelRef;
		return model ? [`${model.name}:${model.version}`] : [];
	});
	return models.length === 0 ? NONE : counted(models);
}

function describeMoves(migrations: readonly Migration[], now: number): string {
	const underWay = migrations.filter((migration) => !isFinished(migration)).length;
	const newest = migrations.toSorted((left, right) => right.createdAt - left.createdAt)[0];
	if (!newest) return NONE;
	const { workload, status, to } = newest;
	const way = `${status.from ?? "?"}->${status.to ?? to ?? "?"}`;
	return `${underWay} under way; last ${workload} ${way} ${status.phase ?? "Pending"} ${formatAge(now - newest.createdAt)} ago`;
}

async function describeJobs(client: ApiClient, namespace: string, now: number): Promise<string> {
	const { read } = await readJobs(client, namespace, undefined);
	if (read.length === 0) return `${NONE} in namespace "${namespace}"`;
	return read
		.map(({ value: { name, suspend, status } }) => {
			const { lastRun } = status;
			const last = lastRun ? `${lastRun.result ?? "Running"} ${formatAge(now - lastRun.startedAt)} ago` : "never ran";
			return `${name} ${suspend ? "suspended" : last}`;
		})
		.join(", ");
}

/** `Auto 3, Off 1`, the most frequent first. */
function counted(words: readonly string[]): string {
	const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length] as const);
	return counts
		.toSorted((left, right) => right[1] - left[1])
		.map(([word, count]) => `${word} ${count}`)
		.join(", ");
}
