import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Everything a command may touch of the process it runs in. */
export interface Terminal {
	/** Data, to stdout. */
	write(text: string): void;
	/** Everything else, to stderr: one line. */
	note(line: string): void;
	/** Somebody can answer a question. */
	readonly interactive: boolean;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** ms since the epoch. */
	now(): number;
	/** Waits; ends at once when `signal` fires. */
	sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
	/** The line typed; `undefined` when it was Ctrl-C or the end of the input. */
	ask(question: string): Promise<string | undefined>;
	/** Runs `action` with a signal that Ctrl-C fires instead of ending the process. */
	interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
	// The reader (`| head`) has enough: nothing more can be said, and a shell knows 141 as SIGPIPE.
	process.stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? 141 : 1));
	process.stderr.on("error", () => {});
	return {
		write: (text) => void process.stdout.write(text),
		note: (line) => void process.stderr.write(`${line}\n`),
		interactive: process.stdin.isTTY,
		environment: process.env,
		now: Date.now,
		sleep,
		ask,
		interruptible,
	};
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
	await delay(milliseconds, undefined, { signal }).catch(() => {});
}

async function ask(question: string): Promise<string | undefined> {
	const questions = createInterface({ input: process.stdin, output: process.stderr });
	const closed = new AbortController();
	questions.on("SIGINT", () => closed.abort());
	questions.on("close", () => closed.abort());
	try {
		return await questions.question(question, { signal: closed.signal });
	} catch {
		return undefined;
	} finally {
		questions.close();
	}
}

async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const controller = new AbortController();
	const interrupt = () => controller.abort();
	process.on("SIGINT", interrupt);
	try {
		return await action(controller.signal);
	} finally {
		process.off("SIGINT", interrupt);
	}
}
