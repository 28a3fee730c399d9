import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
	/** What is waited for, for the error message. */
	readonly what: string;
	readonly timeoutMs: number;
	readonly intervalMs?: number;
	/** Ends the wait early by throwing. */
	readonly check?: () => void;
}

/** Calls `probe` until it returns true. A probe that throws counts as "not yet". Rejects after the timeout. */
export async function waitFor(probe: () => Promise<boolean>, options: WaitOptions): Promise<void> {
	const end = performance.now() + options.timeoutMs;
	let lastError = "";
	for (;;) {
		options.check?.();
		try {
			if (await probe()) return;
		} catch (error) {
			lastError = `: ${error instanceof Error ? error.message : String(error)}`;
		}
		if (performance.now() > end) {
			throw new Error(`${options.what}: not within ${options.timeoutMs / 1000} s${lastError}`);
		}
		await sleep(options.intervalMs ?? 50);
	}
}
