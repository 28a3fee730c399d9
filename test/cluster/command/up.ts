import { once } from "node:events";
import { type Cluster, exitMessage, startCluster } from "../cluster.ts";
import { type ClusterState, type Request, serveControl } from "./control.ts";
import { clusterDir, clusterOptions, type UpFlags } from "./options.ts";
import { describe } from "./status.ts";

/** Runs a cluster until Ctrl-C, `down`, the end of the parent process or the death of one of its programs. */
export async function up(flags: UpFlags): Promise<void> {
	const options = clusterOptions(flags);
	const dir = clusterDir(flags.dir);
	const startedAt = new Date().toISOString();
	const { promise: stopAsked, resolve: askToStop } = Promise.withResolvers<"Asked" | "ProgramDied">();
	const { promise: stopped, resolve: haveStopped } = Promise.withResolvers<void>();
	let cluster: Cluster | undefined;

	function state(): ClusterState {
		const { kubeconfig = "", prometheusUrl = "" } = cluster ?? {};
		return { pid: process.pid, dir, kubeconfig, prometheusUrl, ready: cluster !== undefined, startedAt };
	}
	async function answer(request: Request): Promise<ClusterState> {
		if (request === "status") return state();
		askToStop("Asked");
		await stopped;
		return state();
	}
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => askToStop("Asked"));
	const control = await serveControl(dir, answer);
	// The command that started this one has gone, even if it was killed.
	if (process.connected) process.once("disconnect", () => askToStop("Asked"));
	try {
		console.error("starting the control plane (normally about 5 s)");
		const start = startCluster({
			...options,
			onExit: (exit) => {
				console.error(exitMessage(exit));
				askToStop("ProgramDied");
			},
		});
		const first = await Promise.race([start, stopAsked]);
		if (typeof first !== "string") {
			cluster = first;
			console.log(describe(state(), flags.json));
			if (!flags.json) console.log("\nCtrl-C stops it.");
		}
		if ((await stopAsked) === "ProgramDied") process.exitCode = 1;
		console.error("stopping");
		await (await start).stop();
	} finally {
		haveStopped();
		await once(control.close(), "close");
		// The listener on the channel would keep this process alive.
		if (process.connected) process.disconnect();
	}
}
