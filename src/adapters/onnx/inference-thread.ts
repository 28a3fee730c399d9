import { Worker } from "node:worker_threads";
import type { InferenceAnswer, InferenceRequest, ThreadPriority } from "./protocol.ts";
import type { Session } from "./session.ts";

interface Waiting {
	readonly resolve: (answer: InferenceAnswer) => void;
	readonly reject: (error: Error) => void;
}

/** A model as the thread needs it: named by its hash. */
export interface ThreadModel {
	readonly sha256: string;
	readonly bytes: Uint8Array;
}

/** A thread for all models, started by the first run and again after a crash. It keeps the process alive only meanwhile. */
export class InferenceThread {
	private readonly priority: ThreadPriority;
	private worker: Worker | undefined;
	private readonly loaded = new Set<string>();
	private readonly waiting = new Map<number, Waiting>();
	private lastId = 0;

	constructor(priority: ThreadPriority) {
		this.priority = priority;
	}

	/** A session that lives on the thread. Rejects when the model cannot be loaded or the thread fails. */
	async open(model: ThreadModel): Promise<Session> {
		const answer = await this.ask(model, (id) => ({ kind: "Open", id, model: model.sha256 }));
		if (!("inputShape" in answer)) throw new Error("the inference thread does not know the model's input");
		return { inputShape: answer.inputShape, run: (input, shape) => this.run(model, input, shape) };
	}

	/** Runs a batch; input in shared memory is not copied. Rejects when the model or the thread fails. */
	async run(model: ThreadModel, input: Float32Array, shape: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
		const answer = await this.ask(model, (id) => ({ kind: "Run", id, model: model.sha256, input, shape }));
		if (!("output" in answer)) throw new Error("the inference thread gave no output");
		return answer.output;
	}

	/** Frees the model's session; running it again loads it again. */
	drop(sha256: string): void {
		if (this.worker && this.loaded.delete(sha256)) send(this.worker, { kind: "Drop", model: sha256 });
	}

	async close(): Promise<void> {
		await this.worker?.terminate();
	}

	private ask(model: ThreadModel, request: (id: number) => InferenceRequest): Promise<InferenceAnswer> {
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
			send(worker, request(id));
		});
	}

	private start(): Worker {
		if (this.worker) return this.worker;
		const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: this.priority });
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
		if ("error" in answer) waiting?.reject(new Error(answer.error));
		else waiting?.resolve(answer);
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
