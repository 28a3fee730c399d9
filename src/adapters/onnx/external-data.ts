import { Reader } from "protobufjs/minimal.js";

/** Messages of onnx.proto that lead to tensors: field number -> message. */
const FIELDS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
	Model: { 7: "Graph", 25: "Function" },
	Function: { 7: "Node" },
	Graph: { 1: "Node", 5: "Tensor", 15: "SparseTensor" },
	Node: { 5: "Attribute" },
	Attribute: { 5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor" },
	SparseTensor: { 1: "Tensor", 2: "Tensor" },
	Tensor: { 13: "ExternalData" },
};

/**
 * Whether a tensor of the model lies in another file. onnxruntime would look for it in the working directory, and no
 * digest of the model covers it. Tensors themselves are skipped: it takes no longer for a large model.
 * @throws RangeError or Error when the bytes are cut short
 */
export function hasExternalData(model: Uint8Array): boolean {
	return leadsOut(model, "Model");
}

function leadsOut(bytes: Uint8Array, message: string): boolean {
	const reader = Reader.create(bytes);
	while (reader.pos < reader.len) {
		const tag = reader.uint32();
		const inner = FIELDS[message]?.[tag >>> 3];
		if (inner === undefined || (tag & 7) !== LENGTH_DELIMITED) reader.skipType(tag & 7);
		else if (inner === "ExternalData" || leadsOut(reader.bytes(), inner)) return true;
	}
	return false;
}

const LENGTH_DELIMITED = 2;
