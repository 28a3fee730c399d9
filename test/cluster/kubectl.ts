import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Programs } from "./types.ts";

const TIMEOUT_MS = 120_000;

export interface KubectlContext {
	readonly programs: Programs;
	readonly kubeconfig: string;
	readonly dir: string;
}

/** Runs kubectl; resolves with stdout, rejects with stderr. */
export async function runKubectl(
	context: KubectlContext,
	args: readonly string[],
	input: string | undefined,
): Promise<string> {
	const child = spawn(context.programs.kubectl, args, {
		stdio: ["pipe", "pipe", "pipe"],
		timeout: TIMEOUT_MS,
		env: {
			...process.env,
			KUBECONFIG: context.kubeconfig,
			// The default cache is keyed by address, and another cluster may have had this one's port.
			KUBECACHEDIR: join(context.dir, "kubectl-cache"),
		},
	});
	// kubectl may end without reading its input; its exit code tells then.
	child.stdin.on("error", () => undefined);
	child.stdin.end(input ?? "");
	const [stdout, stderr, [code, signal]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, "close"),
	]);
	if (code === 0) return stdout;
	const reason = stderr.trim() === "" ? stdout.trim() : stderr.trim();
	throw new Error(`kubectl ${args.join(" ")}: ${signal === null ? reason : `${signal} after ${TIMEOUT_MS / 1000} s`}`);
}
