import { printerFor } from "../../output/printer.ts";
import { findWorkloads } from "../../resources/workloads.ts";
import type { Context } from "../command.ts";
import { reportObject, scopeOf } from "../reading.ts";
import { Remarks } from "../remarks.ts";
import type { ExplainOptions } from "./command.ts";
import { explainWorkload } from "./sentences.ts";

export async function run(options: ExplainOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const scope = scopeOf(options, namespace);
	const lookup = await findWorkloads(client, scope);
	const now = terminal.now();
	if (options.format.kind === "table") {
		const texts = lookup.workloads.map((workload) => explainWorkload(workload, { now, nodes: options.nodes }));
		terminal.write(texts.map((lines) => lines.map((line) => `${line}\n`).join("")).join("\n"));
	} else {
		const printer = printerFor(terminal, { ...options, headers: true, single: scope.targets.length === 1 });
		const objects = () => lookup.workloads.map((workload) => reportObject(workload, now));
		await printer.add({ table: () => ({ headers: [], rows: [] }), objects });
		await printer.end(lookup.failures.length === 0);
	}
	const remarks = new Remarks();
	remarks.add(lookup, now);
	for (const line of remarks.lines(scope.namespace)) terminal.note(line);
	if (lookup.failures.length > 0) throw new AggregateError(lookup.failures);
}
