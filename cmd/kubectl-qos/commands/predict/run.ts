import { isMissing } from "../../client/client.ts";
import type { Session } from "../../client/session.ts";
import { notFound, type PluginError } from "../../errors.ts";
import type { Context } from "../command.ts";
import { printReports } from "../reading.ts";
import type { PredictOptions } from "./command.ts";
import { refresh } from "./refresh.ts";
import { predictionLayout } from "./table.ts";

export async function run(options: PredictOptions, context: Context): Promise<void> {
	const failures: PluginError[] = [];
	if (options.refresh) failures.push(...(await refresh(options, context)));
	if (options.nodes.length > 0) failures.push(...(await missingNodes(await context.session(), options.nodes)));
	let hidden = 0;
	const layout = predictionLayout(options, (count) => void (hidden += count));
	try {
		await printReports(options, context, { layout });
	} catch (error) {
		if (error instanceof AggregateError) throw new AggregateError([...failures, ...error.errors], "", { cause: error });
		throw error;
	}
	if (hidden > 0) {
		context.terminal.note(`hint: ${hidden} more nodes were evaluated; see them with --all-nodes or --top N`);
	}
	if (failures.length > 0) throw new AggregateError(failures);
}

/** A node that nobody knows is a typing error; whoever may not read nodes is not told. */
async function missingNodes({ client }: Session, names: readonly string[]): Promise<readonly PluginError[]> {
	const answers = await Promise.all(
		names.map((name) => client.get(`/api/v1/nodes/${encodeURIComponent(name)}`).catch(() => undefined)),
	);
	return names
		.filter((_, index) => answers[index] !== undefined && isMissing(answers[index] ?? {}))
		.map((name) => notFound("nodes", name));
}
