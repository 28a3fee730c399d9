import type { ReadOptions } from "../../arguments/read.ts";
import { believable } from "../../resources/freshness.ts";
import type { Context } from "../command.ts";
import { printReports } from "../reading.ts";
import { recommendationTable } from "./table.ts";

export async function run(options: ReadOptions & { readonly exitCode: boolean }, context: Context): Promise<void> {
	await printReports(options, context, {
		layout: recommendationTable,
		seen: (workloads) => {
			const now = context.terminal.now();
			const moves = workloads.some(({ report }) => believable(report?.value, now)?.decision.action === "Move");
			if (options.exitCode && moves) context.setExitCode(1);
		},
	});
}
