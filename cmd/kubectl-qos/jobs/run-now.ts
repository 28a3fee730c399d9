import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import { GROUP, resourcePath } from "../../../src/api/v1alpha1/group.ts";
import type { JobRun } from "../../../src/core/job/job.ts";
import type { ApiClient } from "../client/client.ts";
import { remove } from "../client/writing.ts";
import type { Context } from "../commands/command.ts";
import { interrupted, jobFailed, timedOut } from "../errors.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../terminal.ts";
import { createJob, newJob, readJob } from "./read.ts";

/** What `jobs run` is asked for. */
interface RunOptions {
	readonly name: string;
	readonly wait: boolean;
	/** ms; 0: no limit. */
	readonly timeout: number;
}

const POLL = 500;

/** `kubectl qos jobs run`: a QoSJob of its own, which runs once at the next look of the timer. */
export async function runNow({ name, wait, timeout }: RunOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const job = await readJob(client, namespace, name);
	const now = terminal.now();
	const once = `${name.slice(0, 200)}-run-${now.toString(36)}`;
	const { action, policySelector } = job.value;
	const at = new Date(now + 1000).toISOString();
	const body = newJob({ name: once, action, policySelector, at }, namespace);
	await createJob(client, namespace, body, false);
	if (!wait) {
		terminal.write(`qosjob.${GROUP}/${once} created\n`);
		return;
	}
	const run = await terminal.interruptible((signal) =>
		ended({
			client,
			terminal,
			namespace,
			once,
			deadline: timeout === 0 ? Number.POSITIVE_INFINITY : now + timeout,
			signal,
		}),
	);
	await remove(client, resourcePath("QoSJob", namespace, once));
	const took = run.durationSeconds === undefined ? "" : ` in ${formatDuration(run.durationSeconds)}`;
	if (run.result !== "Succeeded")
		throw jobFailed(`qosjob "${name}" failed${took}: ${run.message ?? "no reason given"}`);
	terminal.write(`${printable(`qosjob.${GROUP}/${name} ran${took}: ${run.message ?? ""}`)}\n`);
}

interface Waiting {
	readonly client: ApiClient;
	readonly terminal: Terminal;
	readonly namespace: string;
	readonly once: string;
	/** ms since the epoch. */
	readonly deadline: number;
	readonly signal: AbortSignal;
}

async function ended({ client, terminal, namespace, once, deadline, signal }: Waiting): Promise<JobRun> {
	const rest = `remove the request with 'kubectl qos jobs remove ${once} -n ${namespace}'`;
	for (;;) {
		const { lastRun } = (await readJob(client, namespace, once)).value.status;
		if (lastRun?.result !== undefined) return lastRun;
		if (terminal.now() >= deadline)
			throw timedOut(`no controller has run it in time, see 'kubectl qos check'; ${rest}`);
		await terminal.sleep(POLL, signal);
		if (signal.aborted) throw interrupted(`the run continues in the background; ${rest}`);
	}
}
