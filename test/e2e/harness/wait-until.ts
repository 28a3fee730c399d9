import { vi } from "vitest";

/** What the probe returns once it neither throws nor returns `undefined`; its last error otherwise. */
export async function waitUntil<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
	async function found(): Promise<T> {
		const value = await probe();
		if (value === undefined) throw new Error("not yet");
		return value;
	}
	try {
		return await vi.waitFor(found, { timeout: timeoutMs, interval: 100 });
	} catch (error) {
		const last = error instanceof Error ? error.message : String(error);
		throw new Error(`${what}: not within ${timeoutMs / 1000} s: ${last}`, { cause: error });
	}
}
