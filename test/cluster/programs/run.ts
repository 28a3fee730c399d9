import { type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface Finished {
	/** 127 when the command does not exist. */
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a command to its end. Never rejects. */
export async function run(
	command: string,
	args: readonly string[],
	options: SpawnOptionsWithoutStdio = {},
): Promise<Finished> {
	const child = spawn(command, args, options);
	child.stdin.end();
	try {
		const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
		return { code: code ?? 1, stdout, stderr };
	} catch (error) {
		return { code: 127, stdout: "", stderr: error instanceof Error ? error.message : String(error) };
	}
}
