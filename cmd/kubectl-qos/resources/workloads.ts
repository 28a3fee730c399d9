import type { QoSReport } from "../../../src/api/v1alpha1/report.ts";
import { type Governance, governing, isOptedOut, SKIP_KEY } from "../../../src/core/policy/governing.ts";
import type { Target } from "../arguments/files.ts";
import type { ApiClient } from "../client/client.ts";
import { PluginError } from "../errors.ts";
import {
	type Deployment,
	listDeployments,
	listPolicies,
	type Read,
	readDeployment,
	readReport,
	reportPages,
} from "./read.ts";

/** One Deployment with all that is known of its QoS. */
export interface Workload {
	readonly deployment: Deployment;
	readonly report: Read<QoSReport> | undefined;
	/** The policy that governs it, and those that select it in vain. */
	readonly governance: Governance | undefined;
}

/** Which Deployments are meant. */
export interface Scope {
	/** Absent: all namespaces. */
	readonly namespace: string | undefined;
	/** Empty: all that have a policy or a report. A target without a namespace is in that of the scope. */
	readonly targets: readonly Target[];
	readonly selector?: string | undefined;
	readonly fieldSelector?: string | undefined;
	/** Reports per request; 0: all in one. */
	readonly chunkSize?: number | undefined;
}

/** What was found, and an error for every name that was not and every object that cannot be read. */
export interface Lookup {
	readonly workloads: readonly Workload[];
	readonly failures: readonly PluginError[];
	/** Deployments that were left out because no policy selects them. */
	readonly ungoverned: number;
	/** Of the list of reports: where a watch goes on. */
	readonly resourceVersion?: string | undefined;
}

/** Reads Deployments with their reports and policies. @throws PluginError when the server refuses */
export async function findWorkloads(client: ApiClient, scope: Scope): Promise<Lookup> {
	const found: Lookup[] = [];
	for await (const page of workloadPages(client, scope)) found.push(page);
	return {
		workloads: found.flatMap(({ workloads }) => workloads),
		failures: found.flatMap(({ failures }) => failures),
		ungoverned: found.reduce((sum, { ungoverned }) => sum + ungoverned, 0),
		resourceVersion: found[0]?.resourceVersion,
	};
}

/** The same page by page, so that the first ones are shown while the others are still on their way. */
export function workloadPages(client: ApiClient, scope: Scope): AsyncGenerator<Lookup> {
	return scope.targets.length > 0 ? namedPages(client, scope) : allPages(client, scope);
}

async function* namedPages(client: ApiClient, { namespace, targets }: Scope): AsyncGenerator<Lookup> {
	const fullyNamed = targets.map((target) => ({ name: target.name, namespace: target.namespace ?? namespace ?? "" }));
	const namespaces = [...new Set(fullyNamed.map((target) => target.namespace))];
	const [policies, found] = await Promise.all([
		Promise.all(namespaces.map((each) => listPolicies(client, each))),
		Promise.all(
			fullyNamed.map((target) =>
				Promise.all([
					readDeployment(client, target.namespace, target.name),
					readReport(client, target.namespace, target.name),
				]),
			),
		),
	]);
	const all = policies.flatMap(({ read }) => read.map(({ value }) => value));
	const failures: PluginError[] = policies.flatMap((each) => each.failures);
	const workloads: Workload[] = [];
	for (const [deployment, report] of found) {
		if (deployment instanceof PluginError) failures.push(deployment);
		else workloads.push({ deployment, report, governance: governing(deployment, all) });
	}
	yield { workloads, failures, ungoverned: 0 };
}

async function* allPages(client: ApiClient, scope: Scope): AsyncGenerator<Lookup> {
	const { namespace, selector, fieldSelector } = scope;
	const reports = reportPages(client, namespace, scope.chunkSize);
	// Asked for while the others are read: the first page of reports takes the longest.
	const first = reports.next();
	first.catch(() => {});
	const [deployments, policies] = await Promise.all([
		listDeployments(client, namespace, { selector, fieldSelector }),
		listPolicies(client, namespace),
	]);
	const all = policies.read.map(({ value }) => value);
	const left = new Map(deployments.map((deployment) => [keyOf(deployment), deployment]));
	const join = (report: Read<QoSReport>): readonly Workload[] => {
		const deployment = left.get(keyOf(report.value.metadata));
		if (!deployment || !left.delete(keyOf(deployment))) return [];
		return [{ deployment, report, governance: governing(deployment, all) }];
	};
	let failures = policies.failures;
	for (let next = await first; !next.done; next = await reports.next()) {
		const page = next.value;
		failures = [...failures, ...page.failures];
		const workloads = page.read.flatMap(join);
		for (const named of page.unreadable) left.delete(keyOf(named));
		if (!page.isLast) {
			yield { workloads, failures, ungoverned: 0, resourceVersion: page.resourceVersion };
			failures = [];
			continue;
		}
		const unreported = [...left.values()]
			.map((deployment) => ({ deployment, report: undefined, governance: governing(deployment, all) }))
			.filter(({ governance }) => governance);
		yield {
			workloads: inOrder([...workloads, ...unreported]),
			failures,
			ungoverned: left.size - unreported.length,
			resourceVersion: page.resourceVersion,
		};
	}
}

export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
	return `${namespace}/${name}`;
}

function inOrder(workloads: readonly Workload[]): readonly Workload[] {
	return workloads.toSorted((left, right) => (keyOf(left.deployment) < keyOf(right.deployment) ? -1 : 1));
}

/** Why there is no report, in CamelCase for machines. */
export type AbsenceReason = "OptedOut" | "NoPolicy" | "NotReported";

/** Why a Deployment has no report, with what to do about it in one sentence. */
export function explainAbsence({ deployment, governance }: Workload): {
	readonly reason: AbsenceReason;
	readonly message: string;
} {
	const name = `deployment "${deployment.name}" in namespace "${deployment.namespace}"`;
	if (isOptedOut(deployment)) {
		return { reason: "OptedOut", message: `${name} opts out by ${SKIP_KEY}; remove that key to have it predicted` };
	}
	if (governance) {
		const message = `QoSPolicy "${governance.policy.name}" selects ${name}, but the controller has not reported yet; see 'kubectl qos status'`;
		return { reason: "NotReported", message };
	}
	const labels = Object.entries(deployment.labels)
		.map(([key, value]) => `${key}=${value}`)
		.join(",");
	const match = labels === "" ? "it has no labels to select it by" : `spec.workloadSelector must match ${labels}`;
	return { reason: "NoPolicy", message: `no QoSPolicy selects ${name}; create one there: ${match}` };
}
