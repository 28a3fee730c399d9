import { API_VERSION } from "../../../src/api/v1alpha1/group.ts";
import { readTargets, type Target } from "../arguments/files.ts";
import type { ReadOptions } from "../arguments/read.ts";
import type { ApiClient } from "../client/client.ts";
import { interrupted, usage } from "../errors.ts";
import { compare, valuesAt } from "../output/jsonpath/evaluate.ts";
import type { PrintableObject } from "../output/print.ts";
import { type Printer, printerFor } from "../output/printer.ts";
import type { Table } from "../output/table.ts";
import { warningOfOlder } from "../resources/controller.ts";
import { believable, isStale } from "../resources/freshness.ts";
import { CONTROLLER_NAMESPACE } from "../resources/names.ts";
import { watchWorkloads } from "../resources/watch.ts";
import {
	explainAbsence,
	findWorkloads,
	keyOf,
	type Lookup,
	type Scope,
	type Workload,
	workloadPages,
} from "../resources/workloads.ts";
import type { Terminal } from "../terminal.ts";
import type { Context } from "./command.ts";
import { Remarks } from "./remarks.ts";

/** Makes the table of a reading command. `now` in ms. */
export type Layout = (
	workloads: readonly Workload[],
	how: { readonly wide: boolean; readonly namespaces: boolean; readonly now: number },
) => Table;

/** What a reading command prints of Deployments. */
export interface Reading {
	readonly layout: Layout;
	/** Told of every page, before it is printed. */
	readonly seen?: (workloads: readonly Workload[]) => void;
}

/** What the flags and operands mean in a namespace. @throws PluginError */
export function scopeOf(options: ReadOptions, namespace: string): Scope {
	const targets: readonly Target[] = [...options.names.map((name) => ({ name })), ...readTargets(options.files)];
	return {
		namespace: options.allNamespaces ? undefined : namespace,
		targets,
		selector: options.selector,
		fieldSelector: options.fieldSelector,
		chunkSize: options.chunkSize,
	};
}

/** What `predict` and `recommend` share: find, print, hint, follow, and fail for every name not found. */
export async function printReports(options: ReadOptions, { terminal, session }: Context, reading: Reading) {
	const { client, namespace } = await session();
	const scope = scopeOf(options, namespace);
	const printer = printerFor(terminal, { ...options, single: scope.targets.length === 1 });
	const older = warningOfOlder(client, CONTROLLER_NAMESPACE);
	const remarks = new Remarks();
	const known = new Map<string, Workload>();
	let resourceVersion: string | undefined;
	for await (const page of pagesOf(client, scope, options)) {
		const now = terminal.now();
		reading.seen?.(page.workloads);
		await printer.add(pageOf(page.workloads, { options, layout: reading.layout, now }));
		await terminal.drained?.();
		remarks.add(page, now);
		resourceVersion ??= page.resourceVersion;
		for (const workload of page.workloads) if (options.watch) known.set(keyOf(workload.deployment), workload);
	}
	await printer.end(remarks.failures.length === 0);
	const warning = await older;
	for (const line of [...remarks.lines(scope.namespace), ...(warning === undefined ? [] : [warning])])
		terminal.note(line);
	if (options.watch) await follow({ client, scope, known, resourceVersion, options, terminal, printer, reading });
	if (remarks.failures.length > 0) throw new AggregateError(remarks.failures);
}

async function* pagesOf(client: ApiClient, scope: Scope, { sortBy }: ReadOptions): AsyncGenerator<Lookup> {
	if (!sortBy) {
		yield* workloadPages(client, scope);
		return;
	}
	// To be sorted they must all be there.
	const found = await findWorkloads(client, scope);
	const keyed = found.workloads.map((workload) => ({ workload, key: valuesAt(sortBy, workload.report?.object)[0] }));
	const sorted = keyed.toSorted((left, right) => order(left.key, right.key));
	yield { ...found, workloads: sorted.map(({ workload }) => workload) };
}

/** What has no value comes first, as in kubectl. */
function order(left: unknown, right: unknown): number {
	if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
	return compare(left, right) ?? 0;
}

function pageOf(
	workloads: readonly Workload[],
	{ options, layout, now }: { readonly options: ReadOptions; readonly layout: Layout; readonly now: number },
) {
	return {
		table: (wide: boolean) => layout(workloads, { wide, namespaces: options.allNamespaces, now }),
		objects: () => workloads.map((workload) => reportObject(workload, now)),
	};
}

interface Following {
	readonly client: ApiClient;
	readonly scope: Scope;
	readonly known: ReadonlyMap<string, Workload>;
	readonly resourceVersion: string | undefined;
	readonly options: ReadOptions;
	readonly terminal: Terminal;
	readonly printer: Printer;
	readonly reading: Reading;
}

/** Prints every change until the process is interrupted. */
async function follow(following: Following): Promise<void> {
	const { terminal, options, reading, printer } = following;
	if (options.format.kind === "jsonpath" || options.format.kind === "columns") {
		throw usage(`--watch goes with tables, json, yaml and name`);
	}
	const single = printerFor(terminal, { ...options, headers: false, single: true });
	const target = options.format.kind === "table" ? printer : single;
	await terminal.interruptible(async (signal) => {
		for await (const workload of watchWorkloads(following, signal)) {
			await target.add(pageOf([workload], { options, layout: reading.layout, now: terminal.now() }));
		}
	});
	// Nothing is left to be said, as for kubectl.
	throw interrupted("");
}

/** The QoSReport as it may be believed now; without one, what is known instead. */
export function reportObject(workload: Workload, now: number): PrintableObject {
	const { deployment, report } = workload;
	const status = report?.value.status;
	if (report && status) {
		return isStale(status, now) ? withStatus(report.object, believable(report.value, now)) : report.object;
	}
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

function withStatus(object: object, status: unknown): object {
	return { ...object, status };
}
