import protobuf from "protobufjs";

/**
 * The part of the ONNX file format (onnx.proto, Apache-2.0, github.com/onnx/onnx) that our own graphs
 * need, by its field numbers. IR version 8, operator set 17: old enough for every runtime in use.
 */
const messages = protobuf.Root.fromJSON({
	nested: {
		Model: {
			fields: {
				irVersion: { id: 1, type: "int64" },
				producerName: { id: 2, type: "string" },
				docString: { id: 6, type: "string" },
				graph: { id: 7, type: "Graph" },
				operatorSets: { id: 8, rule: "repeated", type: "OperatorSet" },
				metadata: { id: 14, rule: "repeated", type: "Property" },
			},
		},
		Property: { fields: { key: { id: 1, type: "string" }, value: { id: 2, type: "string" } } },
		OperatorSet: { fields: { version: { id: 2, type: "int64" } } },
		Graph: {
			fields: {
				nodes: { id: 1, rule: "repeated", type: "Operation" },
				name: { id: 2, type: "string" },
				initializers: { id: 5, rule: "repeated", type: "Tensor" },
				inputs: { id: 11, rule: "repeated", type: "Value" },
				outputs: { id: 12, rule: "repeated", type: "Value" },
			},
		},
		Operation: {
			fields: {
				inputs: { id: 1, rule: "repeated", type: "string" },
				outputs: { id: 2, rule: "repeated", type: "string" },
				name: { id: 3, type: "string" },
				type: { id: 4, type: "string" },
				attributes: { id: 5, rule: "repeated", type: "Attribute" },
			},
		},
		Attribute: {
			fields: {
				name: { id: 1, type: "string" },
				integer: { id: 3, type: "int64" },
				integers: { id: 8, rule: "repeated", type: "int64", options: { packed: false } },
				type: { id: 20, type: "int32" },
			},
		},
		Tensor: {
			fields: {
				dimensions: { id: 1, rule: "repeated", type: "int64", options: { packed: false } },
				dataType: { id: 2, type: "int32" },
				name: { id: 8, type: "string" },
				raw: { id: 9, type: "bytes" },
			},
		},
		Value: { fields: { name: { id: 1, type: "string" }, type: { id: 2, type: "Type" } } },
		Type: { fields: { tensor: { id: 1, type: "TensorType" } } },
		TensorType: { fields: { elementType: { id: 1, type: "int32" }, shape: { id: 2, type: "Shape" } } },
		Shape: { fields: { dimensions: { id: 1, rule: "repeated", type: "Dimension" } } },
		Dimension: { fields: { size: { id: 1, type: "int64" }, symbol: { id: 2, type: "string" } } },
	},
});

const IR_VERSION = 8;
const OPERATOR_SET = 17;
const ELEMENT_TYPE = { float: 1, int64: 7 } as const;
const ATTRIBUTE_TYPE = { integer: 2, integers: 7 } as const;

/** Names a tensor inside a graph. */
export type TensorName = string;

type Shape = readonly (number | string)[];

/** Collects operations; every method returns the name of the tensor it makes. */
export class GraphBuilder {
	private readonly nodes: object[] = [];
	private readonly initializers: object[] = [];

	/** A float32 constant of the given shape; a scalar without one. */
	constant(name: TensorName, values: readonly number[], shape: readonly number[] = []): TensorName {
		const raw = new Uint8Array(Float32Array.from(values).buffer);
		this.initializers.push({ name, dataType: ELEMENT_TYPE.float, dimensions: shape, raw });
		return name;
	}

	/** An int64 vector, for the shapes and indices that operators take as inputs. */
	indices(name: TensorName, values: readonly number[]): TensorName {
		const raw = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
		this.initializers.push({ name, dataType: ELEMENT_TYPE.int64, dimensions: [values.length], raw });
		return name;
	}

	/** One operator with one output called `output`. */
	operation(
		output: TensorName,
		type: string,
		inputs: readonly TensorName[],
		attributes: Readonly<Record<string, number | readonly number[]>> = {},
	): TensorName {
		return this.operationWithOutputs([output], type, inputs, attributes)[0] ?? output;
	}

	/** One operator with several outputs, such as Split. */
	operationWithOutputs(
		outputs: readonly TensorName[],
		type: string,
		inputs: readonly TensorName[],
		attributes: Readonly<Record<string, number | readonly number[]>> = {},
	): readonly TensorName[] {
		const encoded = Object.entries(attributes).map(([name, value]) =>
			typeof value === "number"
				? { name, integer: value, type: ATTRIBUTE_TYPE.integer }
				: { name, integers: value, type: ATTRIBUTE_TYPE.integers },
		);
		this.nodes.push({ name: outputs[0], type, inputs, outputs, attributes: encoded });
		return outputs;
	}

	/** The bytes of a model file with one float32 input and one float32 output. */
	encode(model: {
		readonly name: string;
		readonly description: string;
		readonly input: { readonly name: TensorName; readonly shape: Shape };
		readonly output: { readonly name: TensorName; readonly shape: Shape };
		readonly metadata: Readonly<Record<string, string>>;
	}): Uint8Array {
		return messages
			.lookupType("Model")
			.encode({
				irVersion: IR_VERSION,
				producerName: "kubectl-qos",
				docString: model.description,
				graph: {
					name: model.name,
					nodes: this.nodes,
					initializers: this.initializers,
					inputs: [value(model.input)],
					outputs: [value(model.output)],
				},
				operatorSets: [{ version: OPERATOR_SET }],
				metadata: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
			})
			.finish();
	}
}

function value({ name, shape }: { readonly name: TensorName; readonly shape: Shape }): object {
	const dimensions = shape.map((size) => (typeof size === "number" ? { size } : { symbol: size }));
	return { name, type: { tensor: { elementType: ELEMENT_TYPE.float, shape: { dimensions } } } };
}
