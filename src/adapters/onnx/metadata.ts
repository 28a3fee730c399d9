import { Reader } from "protobufjs/minimal.js";
import type { ModelMetadata, ModelRefusal } from "../../core/model/model.ts";
import { metadataSchema } from "./schema.ts";

/** Key of the contract (JSON) among an ONNX file's metadata properties. */
export const METADATA_KEY = "kubectl-qos.dev/model";

/** Field numbers of ModelProto and StringStringEntryProto in onnx.proto. */
const FIELD = { graph: 7, metadata: 14, key: 1, value: 2 };

/** The contract inside a model file, without reading its graph. `file` is named in refusals. */
export function readMetadata(bytes: Uint8Array, file: string): ModelMetadata | ModelRefusal {
	const properties = readProperties(bytes);
	if (!properties)
		return refuse(
			"Unreadable",
			`${file} is not a complete ONNX model; export the model as ONNX and copy the whole file`,
		);
	const json = properties.get(METADATA_KEY);
	if (json === undefined) {
		return refuse("SchemaMismatch", `${file} has no metadata property ${METADATA_KEY}; add the model contract to it`);
	}
	const parsed = metadataSchema.safeParse(parseJson(json));
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	const where = issue && issue.path.length > 0 ? ` at ${issue.path.join(".")}` : "";
	return refuse("SchemaMismatch", `${file}: metadata property ${METADATA_KEY}${where}: ${issue?.message}; correct it`);
}

/** The metadata properties by key; `undefined` when the bytes are not an ONNX model. */
function readProperties(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
	const properties = new Map<string, string>();
	let hasGraph = false;
	try {
		const reader = Reader.create(bytes);
		while (reader.pos < reader.len) {
			const tag = reader.uint32();
			if (tag >>> 3 === FIELD.metadata) {
				const { key, value } = readProperty(reader.bytes());
				properties.set(key, value);
			} else {
				hasGraph ||= tag >>> 3 === FIELD.graph;
				reader.skipType(tag & 7);
			}
		}
	} catch {
		return undefined;
	}
	return hasGraph ? properties : undefined;
}

function readProperty(bytes: Uint8Array): { readonly key: string; readonly value: string } {
	const reader = Reader.create(bytes);
	const property = { key: "", value: "" };
	while (reader.pos < reader.len) {
		const tag = reader.uint32();
		if (tag >>> 3 === FIELD.key) property.key = reader.string();
		else if (tag >>> 3 === FIELD.value) property.value = reader.string();
		else reader.skipType(tag & 7);
	}
	return property;
}

/** The parsed JSON; what is not JSON comes back as it is, and the schema says so. */
function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function refuse(reason: ModelRefusal["reason"], message: string): ModelRefusal {
	return { refused: true, reason, message };
}
