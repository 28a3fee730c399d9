import { createInterface } from "node:readline/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isatty } from "node:tty";
import { withoutControls } from "./output/printable.ts";
import { openScreen, type Screen } from "./screen.ts";

/** Everything a command may touch of the process it runs in. */
export interface Terminal {
	/** Data, to stdout. */
	write(text: string): void;
	/** Resolves when the reader has taken what was written: a slow pipe must not fill the memory. */
	readonly drained?: (() => Promise<void>) | undefined;
	/** Everything else, to stderr: one line. */
	note(line: string): void;
	/** Draws over the last line of stderr, which an empty text clears; absent where nobody sees that. */
	readonly progress?: ((text: string) => void) | undefined;
	/** Somebody can answer a question. */
	readonly interactive: boolean;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** ms since the epoch. */
	now(): number;
	/** Waits; ends at once when `signal` fires. */
	sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
	/** The line typed, empty at the end of the input; `undefined` when it was Ctrl-C. */
	ask(question: string): Promise<string | undefined>;
	/** The whole screen, for a live view; absent where stdin or stdout is no terminal, or one that cannot be drawn on. */
	readonly screen?: (() => Screen) | undefined;
	/** Runs `action` with a signal that Ctrl-C fires instead of ending the process. */
	interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Ends the process with the code of what it runs; one that never comes is a defect, and no success. */
export async function endWith(running: Promise<number>): Promise<never> {
	process.once("beforeExit", () => {
		process.stderr.write("error: unexpected: the answer was never waited for; please report it\n");
		process.exit(1);
	});
	return leave(await running);
}

/**
 * Ends the process when its readers have taken all that was written. Without waiting for what else goes on,
 * such as a look-up of a name that no server answers.
 */
async function leave(code: number): Promise<never> {
	const streams = [process.stdout, process.stderr];
	await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))));
	process.exit(code);
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
	// The reader (`| head`) has enough: nothing more can be said, and a shell knows 141 as SIGPIPE.
	process.stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? 141 : 1));
	process.stderr.on("error", () => {});
	return {
		write: (text) => void process.stdout.write(text),
		drained,
		note: (line) => void process.stderr.write(`${withoutControls(line)}\n`),
		progress: process.stderr.isTTY && process.env["TERM"] !== "dumb" ? draw : undefined,
		screen: canDraw() ? openScreen : undefined,
		interactive: hasKeyboard(),
		environment: process.env,
		now: Date.now,
		sleep,
		ask,
		interruptible,
	};
}

function drained(): Promise<void> {
	if (!process.stdout.writableNeedDrain) return Promise.resolve();
	return new Promise((resolve) => process.stdout.once("drain", resolve));
}

/** Not process.stdin, which is opened when it is first looked at: few commands need it. */
function hasKeyboard(): boolean {
	return isatty(0);
}

function canDraw(): boolean {
	return hasKeyboard() && process.stdout.isTTY && process.env["TERM"] !== "dumb";
}

/** Carriage return, the text, and what is left of an earlier one erased. */
function draw(text: string): void {
	process.stderr.write(`\r${text}\u001B[K`);
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
	await delay(milliseconds, undefined, { signal }).catch(() => {});
}

function ask(question: string): Promise<string | undefined> {
	return interruptible(async (signal) => {
		process.stderr.write(question);
		// Not `output`: readline would send escape codes even to a dumb terminal.
		const questions = createInterface({ input: process.stdin, terminal: false });
		const end = new AbortController();
		questions.on("close", () => end.abort());
		try {
			return await questions.question("", { signal: AbortSignal.any([signal, end.signal]) });
		} catch {
			return signal.aborted ? undefined : "";
		} finally {
			questions.close();
		}
	});
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
