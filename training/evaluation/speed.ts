import type { Model } from "../../src/core/model/model.ts";

/** Rows per second of one model in onnxruntime-node, by the clock, for batches of 1 and of 1,000 rows. */
export interface Speed {
	readonly single: number;
	readonly batch: number;
}

const BATCH = 1000;
const SECONDS = 0.4;

/** `input` is `[rows, window, features]` of real rows; they are taken over and over. */
export async function rowsPerSecond(model: Model, input: Float32Array): Promise<Speed> {
	return { single: await measure(model, input, 1), batch: await measure(model, input, BATCH) };
}

async function measure(model: Model, input: Float32Array, rows: number): Promise<number> {
	const width = model.metadata.window * model.metadata.features.length;
	const batch = Float32Array.from({ length: rows * width }, (_, index) => input[index % input.length] ?? 0);
	await model.predict(batch, rows);
	const start = performance.now();
	let runs = 0;
	while (performance.now() - start < SECONDS * 1000) {
		await model.predict(batch, rows);
		runs += 1;
	}
	return (runs * rows * 1000) / (performance.now() - start);
}
