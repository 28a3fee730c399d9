import type { Span } from "../features/fill.ts";
import type { ModelMetadata } from "../model/model.ts";
import type { Job } from "./job.ts";

/** Rows per model run: small enough for the processor's cache, large enough to hide the cost of a run. */
const CHUNK_ROWS = 4096;

/** The input of one model run, and whose rows it holds. */
export interface Chunk {
	/** Row-major `[rows, window, features]`. */
	readonly input: Float32Array;
	readonly rows: number;
	readonly parts: readonly { readonly job: Job; readonly span: Span }[];
}

/**
 * Packs the rows of jobs into chunks. Two inputs are used in turn, so a chunk must be done with when
 * the next but one is asked for. Full chunks are shared memory: a model may hand them to a thread as
 * they are.
 */
export function* chunks(jobs: Iterable<Job>, metadata: ModelMetadata, rowsExpected: number): Generator<Chunk> {
	const rowSize = metadata.window * metadata.features.length;
	const capacity = Math.min(rowsExpected, CHUNK_ROWS);
	const newInput = (): Float32Array =>
		capacity < CHUNK_ROWS
			? new Float32Array(capacity * rowSize)
			: new Float32Array(new SharedArrayBuffer(capacity * rowSize * Float32Array.BYTES_PER_ELEMENT));
	let input = newInput();
	let spare: Float32Array | undefined;
	let rows = 0;
	let parts: { job: Job; span: Span }[] = [];
	for (const job of jobs) {
		for (let from = 0; from < job.size; ) {
			const to = Math.min(job.size, from + capacity - rows);
			const span = { from, to, offset: rows };
			job.fill(input, span);
			parts.push({ job, span });
			rows += to - from;
			from = to;
			if (rows < capacity) continue;
			yield { input, rows, parts };
			[input, spare] = [spare ?? newInput(), input];
			rows = 0;
			parts = [];
		}
	}
	if (rows > 0) yield { input: input.subarray(0, rows * rowSize), rows, parts };
}
