import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Cluster } from "../../cluster/cluster.ts";

const PLUGIN_FOLDER = join(import.meta.dirname, "../../../cmd/kubectl-qos");
const TIMEOUT_MS = 60_000;

/** How a process ended. */
export interface Run {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs `kubectl qos ARGS` as a user would: kubectl finds the plugin on PATH. */
export async function runPlugin(cluster: Cluster, args: readonly string[]): Promise<Run> {
	const child = spawn(cluster.programs.kubectl, ["qos", ...args], {
		timeout: TIMEOUT_MS,
		stdio: ["ignore", "pipe", "pipe"],
		env: {
			...process.env,
			KUBECONFIG: cluster.kubeconfig,
			// Another cluster may have had this one's address.
			KUBECACHEDIR: join(cluster.dir, "kubectl-cache"),
			PATH: `${PLUGIN_FOLDER}:${process.env["PATH"]}`,
		},
	});
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code, stdout, stderr };
}
