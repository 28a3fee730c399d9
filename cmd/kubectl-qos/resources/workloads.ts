import type { QoSReport } from "../../../src/api/v1alpha1/report.ts";
import { type Governance, governing, isOptedOut, SKIP_KEY } from "../../../src/core/policy/governing.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import type { ApiClient } from "../client/client.ts";
import { PluginError, usage } from "../errors.ts";
import {
	type Collection,
	type Deployment,
	listDeployments,
	listPolicies,
	listReports,
	type Read,
	readDeployment,
	readReport,
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
	/** Empty: all that have a policy or a report. */
	readonly names: readonly string[];
	readonly selector: string | undefined;
}

/** What was found, and an error for every name that was not and every object that cannot be read. */
export interface Lookup {
	readonly workloads: readonly Workload[];
	readonly failures: readonly PluginError[];
	/** Deployments that were left out because no policy selects them. */
	readonly ungoverned: number;
}

/** What the flags and operands of a reading command mean. @throws PluginError Usage */
export function scopeOf(
	names: readonly string[],
	options: { readonly allNamespaces: boolean; readonly selector: string | undefined },
	namespace: string,
): Scope {
	if (names.length > 0 && options.allNamespaces) {
		throw usage("a resource cannot be retrieved by name across all namespaces");
	}
	if (names.length > 0 && options.selector !== undefined) {
		throw usage("name cannot be provided when a selector is specified");
	}
	return { namespace: options.allNamespaces ? undefined : namespace, names, selector: options.selector };
}

/** Reads Deployments with their reports and policies. @throws PluginError when the server refuses */
export async function findWorkloads(client: ApiClient, scope: Scope): Promise<Lookup> {
	const { namespace, names } = scope;
	return namespace !== undefined && names.length > 0
		? findNamed(client, namespace, names)
		: findAll(client, namespace, scope.selector);
}

async function findNamed(client: ApiClient, namespace: string, names: readonly string[]): Promise<Lookup> {
	const [policies, found] = await Promise.all([
		listPolicies(client, namespace),
		Promise.all(
			names.map((name) => Promise.all([readDeployment(client, namespace, name), readReport(client, namespace, name)])),
		),
	]);
	const failures: PluginError[] = [...policies.failures];
	const workloads: Workload[] = [];
	for (const [deployment, report] of found) {
		if (deployment instanceof PluginError) failures.push(deployment);
		else workloads.push(joined(deployment, report, policies));
	}
	return { workloads, failures, ungoverned: 0 };
}

async function findAll(
	client: ApiClient,
	namespace: string | undefined,
	selector: string | undefined,
): Promise<Lookup> {
	const [deployments, reports, policies] = await Promise.all([
		listDeployments(client, namespace, selector),
		listReports(client, namespace),
		listPolicies(client, namespace),
	]);
	const byKey = new Map(
		reports.read.map((report) => [`${report.value.metadata.namespace}/${report.value.metadata.name}`, report]),
	);
	const all = deployments.map((deployment) =>
		joined(deployment, byKey.get(`${deployment.namespace}/${deployment.name}`), policies),
	);
	const workloads = all.filter(({ report, governance }) => report ?? governance);
	const failures = [...reports.failures, ...policies.failures];
	return { workloads, failures, ungoverned: all.length - workloads.length };
}

function joined(deployment: Deployment, report: Read<QoSReport> | undefined, policies: Collection<Policy>): Workload {
	return {
		deployment,
		report,
		governance: governing(
			deployment,
			policies.read.map(({ value }) => value),
		),
	};
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
