import { GraphBuilder } from "../../../models/onnx.ts";
import { METADATA_KEY } from "../../../src/adapters/onnx/metadata.ts";

/** The contract of `lastValue`, as it stands in the file. */
export const CONTRACT = {
	schema: "kubectl-qos.dev/model/v1",
	name: "last-value",
	version: "1",
	window: 2,
	features: [{ name: "latency", unit: "seconds", scope: "Workload", min: 0, max: 10 }],
	outputs: [0.05, 0.5, 0.95].map((quantile) => ({ aggregate: "Mean", quantile })),
	target: { metric: "latency", unit: "seconds", direction: "Minimize" },
};

/**
 * A small model file: the last of two steps of one feature, `times` as large, once per output. Metadata
 * other than a string is written as JSON; null leaves it out.
 */
export function lastValue(metadata: unknown = CONTRACT, { times = 1, outputs = 3 } = {}): Uint8Array {
	const graph = new GraphBuilder();
	const flat = graph.operation("flat", "Reshape", ["input", graph.indices("shape", [-1, 2])]);
	const weights = Array.from({ length: 2 * outputs }, (_, index) => (index < outputs ? 0 : times));
	graph.operation("output", "MatMul", [flat, graph.constant("weights", weights, [2, outputs])]);
	const json = typeof metadata === "string" ? metadata : JSON.stringify(metadata);
	return graph.encode({
		name: "last-value",
		description: "",
		input: { name: "input", shape: ["batch", 2, 1] },
		output: { name: "output", shape: ["batch", outputs] },
		metadata: { other: "ignored", ...(metadata === null ? {} : { [METADATA_KEY]: json }) },
	});
}
