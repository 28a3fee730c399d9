import { Worker } from "node:worker_threads";
import type { InferenceAnswer, InferenceRequest } from "./protocol.ts";

interface Waiting {
	readonly resolve: (output: Float32Array) => void;
	readonly reject: (error: Error) => void;
}

/** A model as the thread needs it: named by its hash. */
export interface ThreadModel {
	readonly sha256: string;
	readonly bytes: Uint8Array;
}

/**
 * One thread for the large batches of all models, started by the first of them and again after a crash.
 * It keeps the process alive only while something is being run.
 */
export class InferenceThread {
	private worker: Worker | undefined;
	private readonly loaded = new Set<string>();
	private readonly waiting = new Map<number, Waiting>();
	private lastId = 0;

	/** Runs a batch; input in shared memory is not copied. Rejects when the model or the thread fails. */
	run(model: ThreadModel, input: Float32Array, shape: readonly number[]): Promise<Float32Array> {
		const worker = this.start();
		if (!this.loaded.has(model.sha256)) {
			this.loaded.add(model.sha256);
			send(worker, { kind: "Load", model: model.sha256, bytes: model.bytes });
		}
		this.lastId += 1;
		const id = this.lastId;
		return new Promise((resolve, reject) => {
			this.waiting.set(id, { resolve, reject });
			worker.ref();
			send(worker, { kind: "Run", id, model: model.sha256, input, shape });
		});
	}

	/** Frees the model's session; running it again loads it again. */
	drop(sha256: string): void {
		if (this.worker && this.loaded.delete(sha256)) send(this.worker, { kind: "Drop", model: sha256 });
	}

	async close(): Promise<void> {
		await this.worker?.terminate();
	}

	private start(): Worker {
		if (this.worker) return this.worker;
		const worker = new Worker(new URL("./worker.ts", import.meta.url));
		worker.on("message", (answer: InferenceAnswer) => this.take(answer));
		worker.on("error", (error: Error) => this.fail(worker, error));
		worker.on("exit", () => this.fail(worker, new Error("the inference thread ended")));
		this.worker = worker;
		return worker;
	}

	private take(answer: InferenceAnswer): void {
		const waiting = this.waiting.get(answer.id);
		this.waiting.delete(answer.id);
		if (this.waiting.size === 0) this.worker?.unref();
		if ("output" in answer) waiting?.resolve(answer.output);
		else waiting?.reject(new Error(answer.error));
	}

	private fail(worker: Worker, error: Error): void {
		if (this.worker !== worker) return;
		this.worker = undefined;
		this.loaded.clear();
		for (const { reject } of this.waiting.values()) reject(error);
		this.waiting.clear();
	}
}

function send(worker: Worker, request: InferenceRequest): void {
	// Nothing is transferred: shared memory is shared, the rest is copied.
	worker.postMessage(request, []);
}
