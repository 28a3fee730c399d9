import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import type { Cluster } from "../test/cluster/cluster.ts";

const PLUGIN_FOLDER = join(import.meta.dirname, "../cmd/kubectl-qos");

/** What a user's shell needs so that `kubectl` and `kubectl qos` reach the cluster. */
export function userEnvironment(cluster: Pick<Cluster, "programs" | "kubeconfig" | "dir">): Record<string, string> {
	return {
		KUBECONFIG: cluster.kubeconfig,
		PATH: `${PLUGIN_FOLDER}:${dirname(cluster.programs.kubectl)}:${process.env["PATH"] ?? ""}`,
		// Another cluster may have had this one's address.
		KUBECACHEDIR: join(cluster.dir, "kubectl-cache"),
	};
}

/**
 * Runs a command line in a shell and resolves to what a terminal would show of it. Rejects when it fails,
 * or when the signal fires.
 */
export async function runAsUser(
	commandLine: string,
	environment: Readonly<Record<string, string>>,
	signal: AbortSignal,
): Promise<string> {
	const child = spawn("sh", ["-c", `exec ${commandLine} 2>&1`], {
		env: { ...process.env, ...environment },
		stdio: ["ignore", "pipe", "inherit"],
		signal,
	});
	let output = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
	const [code] = (await once(child, "close")) as [number | null];
	if (code !== 0) throw new Error(`${commandLine} ended with code ${code}: ${output.trim()}`);
	return output;
}
