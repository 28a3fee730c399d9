import { fileURLToPath } from "node:url";
import { fits, type MetricCatalogue } from "../../core/model/fits.ts";
import type { Model, ModelRefusal, ModelRegistry, ModelResolution } from "../../core/model/model.ts";
import type { ModelSelector, Objective } from "../../core/policy/policy.ts";
import { InferenceThreads } from "./inference-threads.ts";
import { ModelDirectory } from "./model-directory.ts";
import { OnnxModel } from "./onnx-model.ts";

/** Where the models that ship with kubectl-qos lie. */
const BUILTIN_DIRECTORY = fileURLToPath(new URL("../../../models", import.meta.url));

/** File names without the extension; nothing that could lead out of the directory. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export interface FileModelRegistryOptions {
	/** What is measured: models that need something else are refused. */
	readonly catalogue: MetricCatalogue;
	/** Directory of the models that policies name by `file`; absent: none. */
	readonly directory?: string | undefined;
}

/**
 * Models from files: the built-in ones, one per direction as `models/NAME-minimize.onnx` and
 * `NAME-maximize.onnx`, and those of a configured directory. `refresh` takes up changes.
 */
export class FileModelRegistry implements ModelRegistry {
	private readonly catalogue: MetricCatalogue;
	private readonly threads = new InferenceThreads();
	private readonly builtin: ModelDirectory;
	private readonly files: ModelDirectory | undefined;
	private refreshing: Promise<void> | undefined;

	private constructor({ catalogue, directory }: FileModelRegistryOptions) {
		this.catalogue = catalogue;
		this.builtin = new ModelDirectory(BUILTIN_DIRECTORY, this.threads);
		this.files = directory === undefined ? undefined : new ModelDirectory(directory, this.threads);
	}

	/** Loads every model that is there. Files that cannot be used are refused when asked for. */
	static async open(options: FileModelRegistryOptions): Promise<FileModelRegistry> {
		const registry = new FileModelRegistry(options);
		await registry.builtin.refresh();
		await registry.refresh();
		return registry;
	}

	resolve(selector: ModelSelector, objective: Objective): ModelResolution {
		const found = this.find(selector, objective);
		if ("refused" in found) return found;
		return fits(found.metadata, objective, this.catalogue) ?? { refused: false, model: found };
	}

	/** Takes up new, changed and removed files of the configured directory. Call it once per cycle; never rejects. */
	async refresh(): Promise<void> {
		this.refreshing ??= this.files?.refresh().finally(() => {
			this.refreshing = undefined;
		});
		await this.refreshing;
	}

	/** A model that comes from elsewhere, on the same inference threads; `label` names it in refusals. Never rejects. */
	load(bytes: Uint8Array, label: string): Promise<OnnxModel | ModelRefusal> {
		return OnnxModel.load(bytes, label, this.threads);
	}

	/** Ends the inference threads; predictions in flight reject. */
	async close(): Promise<void> {
		await this.threads.close();
	}

	private find(selector: ModelSelector, objective: Objective): Model | ModelRefusal {
		if (selector.kind === "Predictions") return refuse("Unreachable", "predictions of others are not read here");
		if (selector.kind === "Mlflow") {
			return refuse(
				"Unreachable",
				`model ${selector.name}: MLflow is not configured; set mlflow.trackingUri or MLFLOW_TRACKING_URI, or use \`builtin\` or \`file\``,
			);
		}
		if (!NAME.test(selector.name)) {
			return refuse(
				"NotFound",
				`model name ${JSON.stringify(selector.name)} is not a file name; use letters, digits, ".", "_" and "-"`,
			);
		}
		if (selector.kind === "Builtin") {
			const found = this.builtin.get(`${selector.name}-${objective.direction.toLowerCase()}`);
			if (!("refused" in found && found.reason === "NotFound")) return found;
			return refuse(
				"NotFound",
				`there is no built-in model ${selector.name} for objectives to ${objective.direction}; use \`builtin: headroom\``,
			);
		}
		if (this.files) return this.files.get(selector.name);
		return refuse("NotFound", `model ${selector.name}: no directory for \`file\` models is configured; set one`);
	}
}

function refuse(reason: ModelRefusal["reason"], message: string): ModelRefusal {
	return { refused: true, reason, message };
}
