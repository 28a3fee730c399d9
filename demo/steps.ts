import { setTimeout as delay } from "node:timers/promises";

/** A step of the story did not happen; the message says which and what was seen instead. */
export class StepFailed extends Error {
	override readonly name = "StepFailed";
}

/** One step of the story: it resolves when what it tells of has happened. */
export interface Step<Stage> {
	readonly name: string;
	readonly timeoutSeconds: number;
	run(stage: Stage, signal: AbortSignal): Promise<void>;
}

/** Runs steps in order. @throws StepFailed for the first that fails or takes too long */
export async function runSteps<Stage>(
	steps: readonly Step<Stage>[],
	stage: Stage,
	stopped: AbortSignal,
): Promise<void> {
	for (const step of steps) {
		const timeout = AbortSignal.timeout(step.timeoutSeconds * 1000);
		const signal = AbortSignal.any([timeout, stopped]);
		try {
			await Promise.race([step.run(stage, signal), aborted(signal)]);
		} catch (error) {
			if (stopped.aborted) throw error;
			const problem = timeout.aborted ? `not done after ${step.timeoutSeconds} s${seen(error)}` : messageOf(error);
			throw new StepFailed(`step "${step.name}": ${problem}`, { cause: error });
		}
	}
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		// A waiting step knows better what it waited for: it gets the first word.
		signal.addEventListener("abort", () => setTimeout(() => reject(new Error("aborted")), 500).unref(), { once: true });
	});
}

function seen(error: unknown): string {
	return error instanceof StillWaiting ? `; ${error.message}` : "";
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** A wait was given up. */
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
