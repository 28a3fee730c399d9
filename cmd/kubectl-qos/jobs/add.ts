import { dryRunSuffix } from "../arguments/dry-run.ts";
import type { Context } from "../commands/command.ts";
import type { AddOptions } from "../commands/jobs.ts";
import { usage } from "../errors.ts";
import { printValue, qualifiedName, readable } from "../output/print.ts";
import { createJob, type NewJob, newJob } from "./read.ts";

/** `kubectl qos jobs add`: what the schedule says wrong is told before the server is asked. */
export async function addJob({ job, dryRun, output }: AddOptions, { terminal, session }: Context): Promise<void> {
	await refuseBadCron(job);
	const { client, namespace } = await session();
	const body = newJob(job, namespace);
	const stored = dryRun === "client" ? body : await createJob(client, namespace, body, dryRun === "server");
	if (output === "json" || output === "yaml") return printValue(terminal, readable(stored), output);
	const name = qualifiedName(body);
	terminal.write(output === "name" ? `${name}\n` : `${name} created${dryRunSuffix(dryRun)}\n`);
}

/** The CRD checks the form only; a cron that names no day is accepted there and fails in the controller. */
async function refuseBadCron({ cron, timezone }: NewJob): Promise<void> {
	if (cron === undefined) return;
	try {
		Intl.DateTimeFormat("en", { timeZone: timezone });
	} catch {
		throw usage(
			`invalid argument "${timezone}" for "--time-zone" flag (spec.timezone): it is no IANA time zone; write it like Europe/Madrid`,
		);
	}
	const { Cron } = await import("croner");
	try {
		const next = new Cron(cron, {
			paused: true,
			mode: "5-part",
			...(timezone !== undefined && { timezone }),
		}).nextRun();
		if (next) return;
	} catch (error) {
		const cause = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
		throw usage(
			`invalid argument "${cron}" for "--cron" flag (spec.cron): ${cause}; write five fields like "*/5 * * * *"`,
		);
	}
	throw usage(`invalid argument "${cron}" for "--cron" flag (spec.cron): there is no such time`);
}
