import { InferenceSession, Tensor } from "onnxruntime-node";

// Else its official builds tell Microsoft of models and machines, and keep an identifier in the home directory.
process.env["ORT_DISABLE_TELEMETRY"] = "1";

/** A model with one float32 input and one float32 output, in onnxruntime on one thread. */
export interface Session {
	/** The input's rank-3 shape; a string where any size fits. */
	readonly inputShape: readonly (number | string)[];
	run(input: Float32Array, shape: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
}

/** Rejects with one line when the runtime cannot load the bytes or the model has other inputs or outputs. */
export async function openSession(bytes: Uint8Array): Promise<Session> {
	const session = await InferenceSession.create(bytes, {
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		executionMode: "sequential",
		logSeverityLevel: 4,
	});
	const [input, ...otherInputs] = session.inputMetadata;
	const [output, ...otherOutputs] = session.outputMetadata;
	if (!input?.isTensor || input.type !== "float32" || otherInputs.length > 0) {
		throw new TypeError("it must have one input, a float32 tensor [batch, window, features]");
	}
	if (!output?.isTensor || output.type !== "float32" || otherOutputs.length > 0) {
		throw new TypeError("it must have one output, a float32 tensor [batch, outputs]");
	}
	return {
		inputShape: input.shape,
		async run(values, shape) {
			const results = await session.run({ [input.name]: new Tensor("float32", values, shape) });
			return results[output.name]?.data as Float32Array<ArrayBuffer>;
		},
	};
}
