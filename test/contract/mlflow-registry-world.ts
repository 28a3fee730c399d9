import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { ModelCache } from "../../src/adapters/mlflow/registry/model-cache.ts";
import { MlflowModelRegistry, type Wanted } from "../../src/adapters/mlflow/registry/registry.ts";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import type { ModelResolution } from "../../src/core/model/model.ts";
import type { ModelSelector } from "../../src/core/policy/policy.ts";
import { type Mlflow, startMlflow } from "../cluster/mlflow.ts";
import { type NewModel, registerModel, setAlias } from "../cluster/mlflow-models.ts";
import { CONTRACT, lastValue } from "../unit/onnx/model-files.ts";
import { LATENCY, METRICS, STEP_SECONDS, STEPS } from "../unit/prediction/world.ts";

export function selectorOf(name: string, alias = "Production"): ModelSelector {
	return { kind: "Mlflow", name, alias, version: undefined };
}

/** A registry as the controller has it, with what it tells. */
export interface RegistryUnderTest {
	readonly registry: MlflowModelRegistry;
	/** In order: `1 -> 2` at a switch, the reason at trouble, `fine` at its end. */
	readonly told: readonly string[];
	readonly failures: readonly string[];
	/** What the first thing that is wanted resolves to. */
	readonly resolve: () => ModelResolution;
	/** `last 2` for version 2 of a model, `NotFound` for a refusal; `last 2, kept: NotFound` for both. */
	readonly state: () => string;
	readonly stop: () => Promise<void>;
}

/** A folder that lasts as long as the test. */
export function cacheFolder(): { readonly path: string; readonly remove: () => void } {
	const path = mkdtempSync(join(tmpdir(), "mlflow-cache-"));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function openRegistry(options: {
	readonly trackingUri: string;
	readonly directory: string;
	readonly model: ModelSelector;
	readonly objective?: Wanted["objective"];
	/** Other policies, which come first. */
	readonly others?: readonly ModelSelector[];
	readonly credentials?: { readonly username: string; readonly password: string };
	readonly timeout?: number;
	readonly maxBytes?: number;
	readonly clock?: () => number;
}): Promise<RegistryUnderTest> {
	const { trackingUri, directory, model, objective = LATENCY, timeout = 10, maxBytes = 2 ** 30 } = options;
	const catalogue = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });
	const files = await FileModelRegistry.open({ catalogue });
	const client = new MlflowClient({ trackingUri, timeout, ...options.credentials });
	const told: string[] = [];
	const failures: string[] = [];
	const registry = new MlflowModelRegistry({
		client,
		cache: new ModelCache({ directory, maxBytes, onFailure: (message) => told.push(message) }),
		load: (bytes, label) => files.load(bytes, label),
		catalogue,
		wanted: () => [...(options.others ?? []), model].map((wanted) => ({ model: wanted, objective })),
		pollIntervalSeconds: 0.2,
		clock: options.clock ?? Date.now,
		observer: {
			switched: (_uri, { reference }, before) =>
				told.push(`${before?.reference.version ?? "none"} -> ${reference.version}`),
			troubled: (_uri, problem) => told.push(problem?.reason ?? "fine"),
			polled: (problems) => failures.push(...problems.map(({ message }) => message)),
		},
	});
	const resolve = () => registry.resolve(model, objective);
	return {
		registry,
		told,
		failures,
		resolve,
		state() {
			const resolution = resolve();
			if (resolution.refused) return resolution.reason;
			const { name, version } = resolution.model.reference;
			return `${name} ${version}${resolution.kept ? `, kept: ${resolution.kept.reason}` : ""}`;
		},
		async stop() {
			registry.stop();
			await client.close();
			await files.close();
		},
	};
}

/** Answers with its newest value, so many times. */
export function timesModel(times: number, metadata: unknown = CONTRACT): Uint8Array {
	return lastValue(metadata, { times });
}

/** What a resolved model says of 1 and 2. */
export async function answerOf(resolution: ModelResolution): Promise<number> {
	if (resolution.refused) throw new Error(resolution.message);
	return (await resolution.model.predict(Float32Array.of(1, 2), 1))[0] ?? Number.NaN;
}

/** One MLflow for the tests of a file; each test has a model's name and a cache of its own. */
export class RegistryStage {
	private server: Mlflow | undefined;
	private cache = cacheFolder();
	private opened: RegistryUnderTest[] = [];
	private count = 0;

	constructor() {
		beforeAll(async () => {
			this.server = await startMlflow();
		});
		afterAll(() => this.server?.stop());
		beforeEach(() => {
			this.cache = cacheFolder();
			this.count++;
		});
		afterEach(async () => {
			await this.closeAll();
			this.cache.remove();
		});
	}

	get mlflow(): Mlflow {
		if (!this.server) throw new Error("MLflow is not started");
		return this.server;
	}

	get name(): string {
		return `model_${this.count}`;
	}

	get directory(): string {
		return this.cache.path;
	}

	register(bytes: Uint8Array, more: Partial<NewModel> = {}): Promise<string> {
		return registerModel(this.mlflow.url, { name: this.name, files: { "model.onnx": bytes }, ...more });
	}

	/** Registers a version and lets the alias name it. */
	async promote(bytes: Uint8Array, more: Partial<NewModel> = {}): Promise<void> {
		const version = await this.register(bytes, more);
		await setAlias(this.mlflow.url, more.name ?? this.name, "Production", version);
	}

	async open(more: Partial<Parameters<typeof openRegistry>[0]> = {}): Promise<RegistryUnderTest> {
		const { directory, mlflow, name } = this;
		const registry = await openRegistry({ trackingUri: mlflow.url, directory, model: selectorOf(name), ...more });
		this.opened.push(registry);
		return registry;
	}

	async closeAll(): Promise<void> {
		for (const { stop } of this.opened.splice(0)) await stop();
	}
}
