import { isMissing } from "../../client/client.ts";
import type { Session } from "../../client/session.ts";
import { notFound, type PluginError } from "../../errors.ts";
import { printable } from "../../output/printable.ts";
import { isStale } from "../../resources/freshness.ts";
import type { Workload } from "../../resources/workloads.ts";
import type { Context } from "../command.ts";
import { printReports } from "../reading.ts";
import type { PredictOptions } from "./command.ts";
import { refresh } from "./refresh.ts";
import { predictionLayout } from "./table.ts";

/** More Deployments than this are not explained one by one. */
const LISTED = 5;

export async function run(options: PredictOptions, context: Context): Promise<void> {
	const failures: PluginError[] = [];
	if (options.refresh) failures.push(...(await refresh(options, context)));
	if (options.nodes.length > 0) failures.push(...(await missingNodes(await context.session(), options.nodes)));
	let hidden = 0;
	const unpredicted: string[] = [];
	const layout = predictionLayout(options, (count) => void (hidden += count));
	try {
		const seen = (page: readonly Workload[]) => unpredicted.push(...whyUnpredicted(page, context.terminal.now()));
		await printReports(options, context, { layout, seen });
	} catch (error) {
		if (error instanceof AggregateError) throw new AggregateError([...failures, ...error.errors], "", { cause: error });
		throw error;
	}
	if (hidden > 0) {
		context.terminal.note(`hint: ${hidden} more nodes were evaluated; see them with --all-nodes or --top N`);
	}
	for (const reason of unpredicted.slice(0, LISTED)) context.terminal.note(printable(`hint: ${reason}`));
	if (failures.length > 0) throw new AggregateError(failures);
}

/** Deployments without a prediction on any node, and what their fresh reports say of it. */
function whyUnpredicted(workloads: readonly Workload[], now: number): readonly string[] {
	return workloads.flatMap(({ deployment, report }) => {
		const status = report?.value.status;
		if (!status || isStale(status, now) || status.decision.action !== "Unknown") return [];
		if (status.nodes.some(({ predicted }) => predicted !== undefined)) return [];
		return [`nothing is predicted for deployment "${deployment.name}": ${status.decision.message}`];
	});
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
