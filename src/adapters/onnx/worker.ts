import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { InferenceAnswer, InferenceRequest, ThreadPriority } from "./protocol.ts";
import { openSession, type Session } from "./session.ts";

/** An inference thread: what takes long runs here, so that the event loop of the main thread stays free. */
const sessions = new Map<string, Promise<Session>>();

const priority: ThreadPriority = workerData;
if (priority === "Background") yieldToMainThread();

parentPort?.on("message", (request: InferenceRequest) => {
	if (request.kind === "Load") load(request.model, request.bytes);
	else if (request.kind === "Drop") sessions.delete(request.model);
	else void answer(request);
});

/** Admission goes before the cycle. Priorities are per thread on Linux only; without one, work is just as right. */
function yieldToMainThread(): void {
	if (process.platform !== "linux") return;
	try {
		setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
	} catch {
		// A sandbox may forbid it.
	}
}

function load(model: string, bytes: Uint8Array): void {
	const session = openSession(bytes);
	// Whoever asks for it is told.
	session.catch(() => undefined);
	sessions.set(model, session);
}

async function answer(request: Extract<InferenceRequest, { kind: "Open" | "Run" }>): Promise<void> {
	try {
		const session = await sessions.get(request.model);
		if (!session) throw new Error("the model was not loaded");
		if (request.kind === "Open") return post({ id: request.id, inputShape: session.inputShape });
		const output = await session.run(request.input, request.shape);
		post({ id: request.id, output }, [output.buffer]);
	} catch (error) {
		post({ id: request.id, error: error instanceof Error ? error.message : String(error) });
	}
}

function post(message: InferenceAnswer, transfer: readonly ArrayBuffer[] = []): void {
	parentPort?.postMessage(message, transfer);
}
