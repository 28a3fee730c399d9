import { CORES_COLUMN, metricColumns } from "../../../src/backtest/metrics/columns.ts";
import type { MetricsOptions } from "../../../src/backtest/metrics/contender.ts";
import type { Layout } from "../../../src/backtest/trace/layout.ts";
import { DEFAULT_CATALOGUE } from "../../../src/config/default-catalogue.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { modelsAbsent } from "../errors.ts";

/** What a metrics trace is run with; models are loaded when the first tick is there, and once. */
export async function metricsRun(
	layout: Layout,
	policy: Policy,
): Promise<MetricsOptions & { readonly remarks: readonly string[]; close(): Promise<void> }> {
	const columns = metricColumns(layout, { objective: policy.objective.metric, catalogue: DEFAULT_CATALOGUE });
	// Only here: the runtime of the models is large, and no other command needs it.
	const { FileModelRegistry } = await import("../../../src/adapters/onnx/registry.ts").catch((error: unknown) => {
		throw modelsAbsent(error instanceof Error ? error.message : String(error));
	});
	let opened: ReturnType<typeof FileModelRegistry.open> | undefined;
	const models: MetricsOptions["models"] = (catalogue): Promise<ModelRegistry> =>
		(opened ??= FileModelRegistry.open({ catalogue }));
	return {
		policy,
		columns,
		models,
		remarks:
			columns.cores < 0
				? [`note: there is no column ${CORES_COLUMN}: nodes are taken to have 4 cores, or as many as were seen in use`]
				: [],
		close: async () => {
			await (await opened)?.close();
		},
	};
}
