import { API_VERSION } from "../../../src/api/v1alpha1/group.ts";
import { type FlagValues, readOptions } from "../arguments/flags.ts";
import { parseTargets } from "../arguments/targets.ts";
import { type PrintableObject, print } from "../output/print.ts";
import type { Table } from "../output/table.ts";
import { believable, isStale } from "../resources/freshness.ts";
import { explainAbsence, findWorkloads, type Lookup, scopeOf, type Workload } from "../resources/workloads.ts";
import type { Context, WorkloadOptions } from "./command.ts";

/** Makes the table of a reading command. `now` in ms. */
export type Layout = (
	workloads: readonly Workload[],
	how: { readonly wide: boolean; readonly namespaces: boolean; readonly now: number },
) => Table;

export function workloadOptions(flags: FlagValues, operands: readonly string[]): WorkloadOptions {
	return { names: parseTargets(operands), ...readOptions(flags) };
}

/** What `predict` and `recommend` share: find, print, hint, and fail for every name not found. */
export async function printReports(options: WorkloadOptions, { terminal, session }: Context, layout: Layout) {
	const { client, namespace } = await session();
	const scope = scopeOf(options.names, options, namespace);
	const lookup = await findWorkloads(client, scope);
	const { workloads } = lookup;
	const now = terminal.now();
	if (workloads.length > 0 || (lookup.failures.length === 0 && isObjects(options.output))) {
		await print(
			terminal,
			{
				table: (wide) => layout(workloads, { wide, namespaces: options.allNamespaces, now }),
				objects: () => workloads.map((workload) => reportObject(workload, now)),
				single: options.names.length === 1,
			},
			options,
		);
	}
	for (const line of remarks(lookup, scope.namespace, now)) terminal.note(line);
	if (lookup.failures.length > 0) throw new AggregateError(lookup.failures);
}

function isObjects(output: WorkloadOptions["output"]): boolean {
	return output === "json" || output === "yaml";
}

/** What stderr says beside the rows. `namespace` absent: all were asked for. */
export function remarks(lookup: Lookup, namespace: string | undefined, now: number): readonly string[] {
	const { workloads, failures, ungoverned } = lookup;
	const lines: string[] = [];
	if (workloads.length === 0 && failures.length === 0) {
		lines.push(namespace === undefined ? "No resources found" : `No resources found in ${namespace} namespace.`);
		if (ungoverned > 0) lines.push(`hint: no QoSPolicy selects any of the ${ungoverned} Deployments there`);
	}
	for (const workload of workloads) {
		if (!workload.report?.value.status) lines.push(`hint: ${explainAbsence(workload).message}`);
	}
	const stale = workloads.filter(({ report }) => report?.value.status && isStale(report.value.status, now)).length;
	if (stale > 0) {
		const which = stale === 1 ? "1 report is" : `${stale} reports are`;
		lines.push(`warning: ${which} stale: the controller no longer renews it; see 'kubectl qos status'`);
	}
	return lines;
}

/** The QoSReport as it may be believed now; without one, what is known instead. */
export function reportObject(workload: Workload, now: number): PrintableObject {
	const { deployment, report } = workload;
	const status = report?.value.status;
	if (report && status)
		return isStale(status, now) ? { ...report.object, ...staleStatus(workload, now) } : report.object;
	const { reason, message } = explainAbsence(workload);
	const unreported = {
		apiVersion: API_VERSION,
		kind: "QoSReport",
		metadata: { name: deployment.name, namespace: deployment.namespace },
		...report?.object,
		status: { decision: { action: "Unknown", message, reason } },
	};
	return unreported;
}

function staleStatus({ report }: Workload, now: number): object {
	return { status: believable(report?.value, now) };
}
