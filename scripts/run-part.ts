import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** A hanging part must not hang CI. */
const LIMIT_MS = 20 * 60_000;

/** One line of the summary. */
export interface PartResult {
	readonly part: string;
	readonly passed: number;
	readonly failed: number;
	readonly seconds: number;
}

export interface CommandResult {
	readonly code: number;
	/** Empty when it went to the terminal. */
	readonly output: string;
	readonly seconds: number;
}

/** Runs a program of node_modules at the root of the repository. Never rejects for its exit code. */
export async function runTool(
	command: string,
	args: readonly string[],
	show: "terminal" | "captured",
	environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
	const start = performance.now();
	// The tools' own Node is the one that runs this, whatever the user's PATH holds.
	const path = [dirname(process.execPath), join(ROOT, "node_modules", ".bin"), process.env["PATH"] ?? ""];
	const child = spawn(command, args, {
		cwd: ROOT,
		env: { ...process.env, PATH: path.join(delimiter), ...environment },
		stdio: ["ignore", show === "terminal" ? "inherit" : "pipe", show === "terminal" ? "inherit" : "pipe"],
		timeout: LIMIT_MS,
		killSignal: "SIGKILL",
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding("utf8").on("data", (chunk: string) => {
			output += chunk;
		});
	}
	const [code] = await once(child, "close");
	return { code: code ?? 1, output, seconds: (performance.now() - start) / 1000 };
}
