import type { Model, ModelMetadata, ModelReference, ModelRefusal } from "../../../core/model/model.ts";

/** A model that holds resources beside its own memory. */
export interface LoadedModel extends Model {
	/** Frees them; the model stays usable. */
	release(): void;
}

/** Makes a model of the bytes of an ONNX file, tried out; `label` names it in refusals. */
export type LoadModel = (bytes: Uint8Array, label: string) => Promise<LoadedModel | ModelRefusal>;

/** A loaded model under the name and version that the registry knows it by. */
export class ServedModel implements Model {
	readonly reference: ModelReference;
	readonly loaded: LoadedModel;
	/** What tells this version from others in the registry. */
	readonly identity: string;

	constructor(loaded: LoadedModel, registered: { readonly name: string; readonly version: string; identity: string }) {
		this.loaded = loaded;
		this.identity = registered.identity;
		const { name, version } = registered;
		this.reference = { name, version, sha256: loaded.reference.sha256 };
	}

	get metadata(): ModelMetadata {
		return this.loaded.metadata;
	}

	predict(input: Float32Array, rows: number): Promise<Float32Array> {
		return this.loaded.predict(input, rows);
	}
}
