import { fits, type MetricCatalogue } from "../../../core/model/fits.ts";
import type { ModelMetadata, ModelRefusal, ModelResolution } from "../../../core/model/model.ts";
import type { Objective } from "../../../core/policy/policy.ts";
import type { MlflowClient } from "../client.ts";
import { MlflowError } from "../errors.ts";
import type { ModelVersion } from "../schema.ts";
import type { ModelCache } from "./model-cache.ts";
import { downloadModel, expectedSha256, type ModelFile } from "./model-file.ts";
import { type MlflowSelector, modelUri } from "./selector.ts";
import { type LoadModel, ServedModel } from "./served-model.ts";

export interface SlotParts {
	readonly client: MlflowClient;
	readonly cache: ModelCache;
	readonly load: LoadModel;
	readonly catalogue: MetricCatalogue;
	/** Objectives of the policies that ask for a `models:/...`. */
	readonly objectives: (uri: string) => readonly Objective[];
	/** Digests of all models in service. */
	readonly inUse: () => ReadonlySet<string>;
	/** ms since the epoch. */
	readonly clock: () => number;
	readonly onSwitch: (slot: ModelSlot, before: ServedModel | undefined) => void;
	readonly onProblem: (slot: ModelSlot) => void;
}

/** A version that was refused is looked at again after so long, then after twice as long, ... */
const RETRY_MS = { first: 60_000, longest: 15 * 60_000 };

interface Refused {
	readonly identity: string;
	readonly refusal: ModelRefusal;
	readonly delayMs: number;
	readonly retryAt: number;
}

/** One `models:/...` that policies ask for: the model in service, and why it is not what is asked for now. */
export class ModelSlot {
	readonly uri: string;
	private readonly selector: MlflowSelector;
	private readonly parts: SlotParts;
	private current: ServedModel | undefined;
	private trouble: ModelRefusal | undefined;
	private refused: Refused | undefined;
	private restored = false;
	private tried = false;
	private noAnswer: MlflowError | undefined;

	constructor(selector: MlflowSelector, parts: SlotParts) {
		this.selector = selector;
		this.parts = parts;
		this.uri = modelUri(selector);
	}

	get served(): ServedModel | undefined {
		return this.current;
	}

	/** Why the model in service is not the one that is asked for. */
	get problem(): ModelRefusal | undefined {
		return this.trouble;
	}

	/** There is a model, or it is known why there is none. */
	get settled(): boolean {
		return this.current !== undefined || this.tried;
	}

	resolve(objective: Objective): ModelResolution {
		if (this.current) {
			const misfit = fits(this.current.metadata, objective, this.parts.catalogue);
			return misfit ?? { refused: false, model: this.current, kept: this.trouble };
		}
		const loading = `model ${this.uri} is being fetched from ${this.parts.client.address}`;
		return this.trouble ?? { refused: true, reason: "Loading", message: loading };
	}

	/** Takes the model that was good before the restart from the disk, once. Never rejects. */
	async restore(): Promise<void> {
		if (this.restored) return;
		this.restored = true;
		const { cache, client, load } = this.parts;
		const remembered = await cache.recall(client.address, this.uri);
		const bytes = remembered && (await cache.read(remembered.sha256));
		if (!bytes) return;
		const { version, identity } = remembered;
		const loaded = await load(bytes, this.label(version));
		if ("refused" in loaded) return;
		this.serve(new ServedModel(loaded, { name: this.selector.name, version, identity }));
	}

	/** Asks the registry, and serves what it names now if that is usable. `false`: it did not tell. Never rejects. */
	async refresh(): Promise<boolean> {
		this.noAnswer = undefined;
		try {
			await this.follow(await this.askedFor());
			return true;
		} catch (error) {
			this.fail(error);
			return error instanceof MlflowError && error.failure === "NotFound";
		}
	}

	/** Why the registry's server gave no answer at all at the last look: it gives none about other models either. */
	get silence(): MlflowError | undefined {
		return this.noAnswer;
	}

	/** The last look failed. */
	fail(error: unknown): void {
		this.note(this.refusalOf(error));
	}

	private note(problem: ModelRefusal | undefined): void {
		this.tried = true;
		const isNews = problem?.reason !== this.trouble?.reason || problem?.message !== this.trouble?.message;
		this.trouble = problem;
		if (isNews) this.parts.onProblem(this);
	}

	private async askedFor(): Promise<ModelVersion> {
		try {
			return await this.lookUp();
		} catch (error) {
			// A server that refuses one model, or has no file of it, may well tell of the others.
			if (error instanceof MlflowError && error.failure === "Unreachable") this.noAnswer = error;
			throw error;
		}
	}

	private lookUp(): Promise<ModelVersion> {
		const { name, alias, version } = this.selector;
		const { client } = this.parts;
		return alias === undefined
			? client.getModelVersion(name, version ?? "")
			: client.getModelVersionByAlias(name, alias);
	}

	private async follow(version: ModelVersion): Promise<void> {
		const identity = identityOf(version);
		if (this.current?.identity === identity) return this.note(undefined);
		const refused = this.refused?.identity === identity ? this.refused : undefined;
		if (refused && this.parts.clock() < refused.retryAt) return this.note(refused.refusal);
		const candidate = await this.candidate(version, identity);
		if (!("refused" in candidate)) {
			const { sha256 } = candidate.reference;
			this.serve(candidate);
			this.note(undefined);
			const { cache, client } = this.parts;
			return cache.remember(client.address, { uri: this.uri, version: version.version, identity, sha256 });
		}
		const delayMs = refused ? Math.min(2 * refused.delayMs, RETRY_MS.longest) : RETRY_MS.first;
		this.refused = { identity, refusal: candidate, delayMs, retryAt: this.parts.clock() + delayMs };
		this.note(candidate);
	}

	/** The version's model, loaded and tried out. */
	private async candidate(version: ModelVersion, identity: string): Promise<ServedModel | ModelRefusal> {
		const { cache, inUse, load } = this.parts;
		const registered = { name: version.name, version: version.version, identity };
		const label = this.label(version.version);
		if (version.status !== "READY") {
			return {
				refused: true,
				reason: "Unreadable",
				message: `${label} is not ready (${version.status}); register it anew`,
			};
		}
		const file = await this.file(version, label);
		if ("refused" in file) return file;
		if (this.current?.reference.sha256 === file.sha256) return new ServedModel(this.current.loaded, registered);
		const loaded = await load(file.bytes, label);
		if ("refused" in loaded) return loaded;
		const misfit = this.misfit(loaded.metadata);
		if (misfit) return { ...misfit, message: `${label}: ${misfit.message}` };
		await cache.write(file.sha256, file.bytes, inUse());
		return new ServedModel(loaded, registered);
	}

	/** From the disk where the registry tells the digest and it is there. */
	private async file(version: ModelVersion, label: string): Promise<ModelFile | ModelRefusal> {
		const { cache, client } = this.parts;
		const sha256 = expectedSha256(version);
		const bytes = sha256 === undefined ? undefined : await cache.read(sha256);
		if (sha256 !== undefined && bytes) return { sha256, bytes };
		return downloadModel(client, version, label);
	}

	/** A new model takes over only where it can do what the one in service does. */
	private misfit(metadata: ModelMetadata): ModelRefusal | undefined {
		const { catalogue, objectives } = this.parts;
		if (!this.current) return undefined;
		for (const objective of objectives(this.uri)) {
			const refusal = fits(metadata, objective, catalogue);
			if (refusal && !fits(this.current.metadata, objective, catalogue)) return refusal;
		}
		return undefined;
	}

	private serve(model: ServedModel): void {
		const before = this.current;
		this.current = model;
		this.refused = undefined;
		this.parts.onSwitch(this, before);
	}

	private label(version: string): string {
		return `model ${this.uri}${this.selector.alias === undefined ? "" : ` (version ${version})`}`;
	}

	private refusalOf(error: unknown): ModelRefusal {
		const message = error instanceof Error ? error.message : String(error);
		if (!(error instanceof MlflowError) || error.failure !== "NotFound") {
			return { refused: true, reason: "Unreachable", message: `model ${this.uri}: ${message}` };
		}
		const mend = this.selector.alias === undefined ? "register it" : "set the alias";
		return {
			refused: true,
			reason: "NotFound",
			message: `model ${this.uri} is not in the registry: ${message}; ${mend}, or correct model.mlflow of the policy`,
		};
	}
}

/** A model that was deleted and registered anew begins with version 1 again, but lies elsewhere. */
function identityOf(version: ModelVersion): string {
	return [version.version, version.source, expectedSha256(version) ?? "", version.status].join(" ");
}
