import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import { GROUP, RESOURCES } from "../../../src/api/v1alpha1/group.ts";
import type { Job, JobRun } from "../../../src/core/job/job.ts";
import type { ListOptions } from "../arguments/read.ts";
import type { Context } from "../commands/command.ts";
import { notFound, usage } from "../errors.ts";
import { formatAge } from "../output/age.ts";
import { NONE } from "../output/number.ts";
import { noResources } from "../output/print.ts";
import { printerFor } from "../output/printer.ts";
import type { Table } from "../output/table.ts";
import type { Read } from "../resources/read.ts";
import { elsewhere, readJobs } from "./read.ts";

export interface ListJobsOptions extends ListOptions {
	/** Empty: all of the namespace. */
	readonly names: readonly string[];
}

/** `kubectl qos jobs list`. */
export async function listJobs(options: ListJobsOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const { names, allNamespaces } = options;
	if (names.length > 0 && allNamespaces) throw usage("a resource cannot be retrieved by name across all namespaces");
	const where = allNamespaces ? undefined : namespace;
	const { read, failures } = await readJobs(client, where, options.selector);
	const jobs = read.filter(({ value }) => names.length === 0 || names.includes(value.name));
	const missing = names.filter((name) => !jobs.some(({ value }) => value.name === name));
	const errors = [...failures, ...missing.map((name) => notFound(`${RESOURCES.QoSJob}.${GROUP}`, name))];
	const now = terminal.now();
	const table = (wide: boolean) => jobsTable(jobs, { wide, namespaces: allNamespaces, now });
	const objects = () => jobs.map(({ object }) => object);
	const printer = printerFor(terminal, { ...options, single: names.length === 1 });
	await printer.add({ table, objects });
	await printer.end(errors.length === 0);
	if (jobs.length === 0 && errors.length === 0) {
		terminal.note(noResources(where));
		const hint = where === undefined ? undefined : elsewhere(where);
		if (hint !== undefined) terminal.note(hint);
	}
	if (errors.length > 0) throw new AggregateError(errors);
}

const HEADERS = ["NAME", "ACTION", "SCHEDULE", "SUSPENDED", "LAST", "RESULT", "NEXT"];

/** NEXT counts down; LAST is the age of the newest run. */
export function jobsTable(
	jobs: readonly Read<Job>[],
	how: { readonly wide: boolean; readonly namespaces: boolean; readonly now: number },
): Table {
	return {
		headers: [...(how.namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(how.wide ? ["DURATION", "MESSAGE"] : [])],
		rows: jobs.map(({ value: job }) => [
			...(how.namespaces ? [job.namespace] : []),
			job.name,
			job.action,
			describeSchedule(job),
			job.suspend ? "True" : "False",
			...runCells(job.status.lastRun, how.now),
			nextCell(job, how.now),
			...(how.wide ? wideCells(job.status.lastRun) : []),
		]),
	};
}

function runCells(lastRun: JobRun | undefined, now: number): readonly string[] {
	return lastRun ? [formatAge(now - lastRun.startedAt), lastRun.result ?? "Running"] : [NONE, NONE];
}

/** A run that is due already begins at any moment. */
function nextCell({ suspend, status }: Job, now: number): string {
	return suspend || status.nextRun === undefined ? NONE : `in ${formatAge(Math.max(0, status.nextRun - now))}`;
}

function wideCells(lastRun: JobRun | undefined): readonly string[] {
	const seconds = lastRun?.durationSeconds;
	return [seconds === undefined ? NONE : formatDuration(seconds), lastRun?.message || NONE];
}

function describeSchedule({ schedule }: Job): string {
	switch (schedule.kind) {
		case "Interval":
			return `every ${formatDuration(schedule.seconds)}`;
		case "At":
			return `at ${new Date(schedule.at).toISOString().replace(".000Z", "Z")}`;
		case "Cron":
			return `${schedule.expression} (${schedule.timezone})`;
	}
}
