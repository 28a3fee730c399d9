import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { ModelCache } from "../../src/adapters/mlflow/registry/model-cache.ts";
import { MlflowModelRegistry } from "../../src/adapters/mlflow/registry/registry.ts";
import type { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import type { MetricCatalogue } from "../../src/core/model/fits.ts";
import type { ModelSelector } from "../../src/core/policy/policy.ts";
import type { Period } from "../admission/messages.ts";

export const BENCH_MODEL = "bench_latency";
export const BENCH_ALIAS = "Production";

const SELECTOR: ModelSelector = { kind: "Mlflow", name: BENCH_MODEL, alias: BENCH_ALIAS, version: undefined };
const OBJECTIVE = {
	metric: "latency",
	direction: "Minimize",
	target: 0.2,
	horizonSeconds: 300,
	aggregate: "Mean",
} as const;

/** A registered model as the controller has it, with the times from loading a model to serving it. */
export interface SwitchingModel {
	readonly selector: ModelSelector;
	readonly registry: MlflowModelRegistry;
	readonly switches: readonly Period[];
}

const now = () => performance.timeOrigin + performance.now();

/** Resolves when the first model is in service. */
export async function switchingModel(options: {
	readonly url: string;
	readonly files: FileModelRegistry;
	readonly catalogue: MetricCatalogue;
}): Promise<SwitchingModel> {
	const { url, files, catalogue } = options;
	const switches: Period[] = [];
	let loadedFrom = 0;
	const registry = new MlflowModelRegistry({
		client: new MlflowClient({ trackingUri: url, timeout: 10 }),
		cache: new ModelCache({
			directory: mkdtempSync(join(tmpdir(), "bench-models-")),
			maxBytes: 2 ** 30,
			onFailure: (message) => console.error(message),
		}),
		load(bytes, label) {
			loadedFrom = now();
			return files.load(bytes, label);
		},
		catalogue,
		wanted: () => [{ model: SELECTOR, objective: OBJECTIVE }],
		pollIntervalSeconds: 0.5,
		clock: Date.now,
		observer: {
			switched(_uri, _model, before) {
				if (before) switches.push({ from: loadedFrom, to: now() });
			},
			troubled: (_uri, problem) => problem && console.error(problem.message),
			polled: () => undefined,
		},
	});
	await registry.poll();
	return { selector: SELECTOR, registry, switches };
}
