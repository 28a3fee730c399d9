import { InferenceThread } from "./inference-thread.ts";

/** The threads of one process. */
export class InferenceThreads {
	/** Large batches of all models. */
	readonly background = new InferenceThread("Background");
	/** Small batches of models that take long to load, which therefore have no session on the main thread. */
	readonly prompt = new InferenceThread("Prompt");

	/** Runs under way reject. */
	async close(): Promise<void> {
		await Promise.all([this.background.close(), this.prompt.close()]);
	}
}
