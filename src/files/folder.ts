import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it, as `mkdir -p` does. Node's own `recursive` never returns where the kernel says that a
 * name does not exist in a folder that does, as it says below /proc. @throws the error of mkdir
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
	try {
		await makeOne(path, mode);
	} catch (error) {
		const above = dirname(path);
		if (codeOf(error) !== "ENOENT" || above === path) throw error;
		await makeFolder(above, mode);
		await makeOne(path, mode);
	}
}

async function makeOne(path: string, mode: number | undefined): Promise<void> {
	try {
		await mkdir(path, { mode });
	} catch (error) {
		if (codeOf(error) === "EEXIST" && (await stat(path)).isDirectory()) return;
		throw error;
	}
}

/** `ENOSPC` and the like; for what is no error of the system, its words. */
export function codeOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return "code" in error ? String(error.code) : error.message;
}
