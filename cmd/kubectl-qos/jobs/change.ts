import { GROUP, resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { dryRunSuffix } from "../arguments/dry-run.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { mergePatch, remove } from "../client/writing.ts";
import type { Context } from "../commands/command.ts";
import type { NamedOptions } from "../commands/jobs.ts";
import { PluginError } from "../errors.ts";
import { noJob } from "./read.ts";

/** `kubectl qos jobs remove`. */
export function removeJobs(options: NamedOptions, context: Context): Promise<void> {
	return each(options, context, {
		done: "deleted",
		change: (client, path, dryRun) => remove(client, path, { dryRun }),
	});
}

/** `kubectl qos jobs pause` and `resume`. */
export function suspendJobs(options: NamedOptions, context: Context, suspend: boolean): Promise<void> {
	return each(options, context, {
		done: suspend ? "paused" : "resumed",
		change: (client, path, dryRun) => mergePatch(client, path, { spec: { suspend } }, dryRun ? { dryRun: "All" } : {}),
	});
}

interface Change {
	readonly done: string;
	readonly change: (client: ApiClient, path: string, dryRun: boolean) => Promise<object>;
}

/** Changes what is there, and fails for every name that is not. */
async function each({ names, dryRun }: NamedOptions, context: Context, { done, change }: Change): Promise<void> {
	const { client, namespace } = await context.session();
	const failures: PluginError[] = [];
	for (const name of names) {
		try {
			const path = resourcePath("QoSJob", namespace, name);
			const answer = dryRun === "client" ? await client.get(path) : await change(client, path, dryRun === "server");
			if (isMissing(answer)) throw noJob(answer.missing, namespace, name);
			context.terminal.write(`qosjob.${GROUP}/${name} ${done}${dryRunSuffix(dryRun)}\n`);
		} catch (error) {
			if (!(error instanceof PluginError)) throw error;
			failures.push(error);
		}
	}
	if (failures.length > 0) throw new AggregateError(failures);
}
