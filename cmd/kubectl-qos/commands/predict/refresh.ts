import { z } from "zod";
import { API_VERSION, resourcePath } from "../../../../src/api/v1alpha1/group.ts";
import type { ApiClient } from "../../client/client.ts";
import { remove } from "../../client/writing.ts";
import { type PluginError, timedOut } from "../../errors.ts";
import { createJob, readJob } from "../../jobs/read.ts";
import { CONTROLLER_NAMESPACE } from "../../resources/names.ts";
import type { Context } from "../command.ts";
import type { PredictOptions } from "./command.ts";

const POLL = 250;
/** A leader looks at its jobs twice a second; an evaluation takes seconds. ms. */
const PATIENCE = 20_000;
/** The job is due at once, whichever clock is ahead. ms. */
const PAST = 60_000;

/**
 * Has the controller evaluate now, by a QoSJob that runs once and is deleted afterwards. Nothing but objects
 * leads to the controller, so this needs permission to create QoSJobs.
 * @returns what went wrong, when the last reports can be shown all the same
 * @throws PluginError when the server refuses
 */
export async function refresh(
	{ allNamespaces }: PredictOptions,
	{ session, terminal }: Context,
): Promise<readonly PluginError[]> {
	const { client, namespace: own } = await session();
	// A job beside the controller is about all namespaces.
	const namespace = allNamespaces ? CONTROLLER_NAMESPACE : own;
	const body = {
		apiVersion: API_VERSION,
		kind: "QoSJob",
		metadata: { namespace, generateName: "refresh-" },
		spec: { action: "Predict", at: new Date(terminal.now() - PAST).toISOString() },
	};
	const created = await createJob(client, namespace, body, false);
	const { name } = z.object({ metadata: z.object({ name: z.string() }) }).parse(created).metadata;
	const path = resourcePath("QoSJob", namespace, name);
	try {
		const problem = await terminal.interruptible((signal) => outcome(client, { namespace, name, terminal, signal }));
		return problem === undefined ? [] : [timedOut(problem)];
	} finally {
		await remove(client, path).catch(() => terminal.note(`warning: qosjob ${name} could not be deleted`));
	}
}

interface Evaluation {
	readonly namespace: string;
	/** Of the QoSJob. */
	readonly name: string;
	readonly terminal: Context["terminal"];
	readonly signal: AbortSignal;
}

/** Waits for the run; a sentence when it brought nothing. */
async function outcome(
	client: ApiClient,
	{ namespace, name, terminal, signal }: Evaluation,
): Promise<string | undefined> {
	const start = terminal.now();
	while (!signal.aborted) {
		const last = (await readJob(client, namespace, name)).value.status.lastRun;
		if (last?.result === "Succeeded") return undefined;
		if (last?.result === "Failed") return `the evaluation failed: ${last.message ?? "no reason given"}`;
		if (terminal.now() - start > PATIENCE) {
			return `no controller evaluated within ${PATIENCE / 1000}s; what is shown is its last report; see 'kubectl qos status'`;
		}
		await terminal.sleep(POLL, signal);
	}
	return "interrupted; what is shown is the last report";
}
