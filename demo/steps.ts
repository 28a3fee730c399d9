import { setTimeout as delay } from "node:timers/promises";

/** A step of the story did not happen; the message says which and what was seen instead. */
export class StepFailed extends Error {
	override readonly name = "StepFailed";
}

export interface StepLimits {
	/** In the words that the failure is told with. */
	readonly name: string;
	readonly timeoutSeconds: number;
	/** Ends the story, whatever step it is at. */
	readonly stopped: AbortSignal;
}

/** One step of the story: resolves to what `run` does. @throws StepFailed when it fails or takes too long */
export async function step<T>(limits: StepLimits, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const { name, timeoutSeconds, stopped } = limits;
	const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
	const signal = AbortSignal.any([timeout, stopped]);
	try {
		return await Promise.race([run(signal), aborted(signal)]);
	} catch (error) {
		if (stopped.aborted) throw error;
		const problem = timeout.aborted ? `not done after ${timeoutSeconds} s${seen(error)}` : messageOf(error);
		throw new StepFailed(`step "${name}": ${problem}`, { cause: error });
	}
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		// A waiting step knows better what it waited for: it gets the first word.
		signal.addEventListener("abort", () => setTimeout(() => reject(new Error("aborted")), 100).unref(), { once: true });
	});
}

function seen(error: unknown): string {
	return error instanceof StillWaiting ? `; ${error.message}` : "";
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** A wait was given up; the message is the last look. */
class StillWaiting extends Error {}

/** What a look at the world finds: the thing waited for, or what there is instead. */
export type Look<Found> = { readonly found: Found } | { readonly still: string };

/** Looks again and again until there is something. Rejects when the signal fires, with the last look. */
export async function waitUntil<Found>(
	look: () => Look<Found> | Promise<Look<Found>>,
	signal: AbortSignal,
	everyMilliseconds = 250,
): Promise<Found> {
	let last = "nothing was seen yet";
	for (;;) {
		if (signal.aborted) throw new StillWaiting(last);
		const result = await look();
		if ("found" in result) return result.found;
		last = result.still;
		await delay(everyMilliseconds, undefined, { signal }).catch(() => undefined);
	}
}
