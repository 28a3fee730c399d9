import { once } from "node:events";
import { startRealCluster } from "../../real-nodes/cluster.ts";
import { type Cluster, exitMessage, type ProgramExit, startCluster } from "../cluster.ts";
import { type Mlflow, startMlflow } from "../mlflow.ts";
import { type ClusterState, type Request, serveControl } from "./control.ts";
import { clusterDir, type UpFlags, type Wanted, wanted } from "./options.ts";
import { describe } from "./status.ts";

interface Running {
	readonly cluster: Pick<Cluster, "kubeconfig" | "prometheusUrl" | "stop">;
	readonly mlflow: Mlflow | undefined;
}

/** Runs a cluster until Ctrl-C, `down`, the end of the parent process or the death of one of its programs. */
export async function up(flags: UpFlags): Promise<void> {
	const asked = wanted(flags);
	const dir = clusterDir(flags.dir);
	const startedAt = new Date().toISOString();
	const { promise: stopAsked, resolve: askToStop } = Promise.withResolvers<"Asked" | "ProgramDied">();
	const { promise: stopped, resolve: haveStopped } = Promise.withResolvers<void>();
	let running: Running | undefined;

	function state(): ClusterState {
		const { kubeconfig = "", prometheusUrl = "" } = running?.cluster ?? {};
		const mlflowUrl = running?.mlflow?.url ?? "";
		const ready = running !== undefined;
		return { pid: process.pid, dir, kubeconfig, prometheusUrl, mlflowUrl, ready, startedAt };
	}
	function programDied(message: string): void {
		console.error(message);
		askToStop("ProgramDied");
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
		const what = asked.kind === "Real" ? "the control plane and its nodes" : "the control plane";
		console.error(`starting ${what} (normally about ${flags.mlflow || asked.kind === "Real" ? "10" : "5"} s)`);
		const start = startAll(asked, flags.mlflow, programDied);
		const first = await Promise.race([start, stopAsked]);
		if (typeof first !== "string") {
			running = first;
			console.log(describe(state(), flags.json));
			if (!flags.json) console.log("\nCtrl-C stops it.");
		}
		if ((await stopAsked) === "ProgramDied") process.exitCode = 1;
		console.error("stopping");
		const { cluster, mlflow } = await start;
		await Promise.all([cluster.stop(), mlflow?.stop()]);
	} finally {
		haveStopped();
		await once(control.close(), "close");
		// The listener on the channel would keep this process alive.
		if (process.connected) process.disconnect();
	}
}

/** The control plane and MLflow at once. When one cannot start, the other is ended. */
async function startAll(asked: Wanted, mlflow: boolean, programDied: (message: string) => void): Promise<Running> {
	const onExit = (exit: ProgramExit): void => programDied(exitMessage(exit));
	const starts = [
		asked.kind === "Real" ? startRealCluster({ ...asked.options, onExit }) : startCluster({ ...asked.options, onExit }),
		mlflow ? startMlflow({ onExit: programDied }) : Promise.resolve(undefined),
	] as const;
	try {
		const [cluster, server] = await Promise.all(starts);
		return { cluster, mlflow: server };
	} catch (error) {
		for (const start of await Promise.allSettled(starts)) {
			if (start.status === "fulfilled") await start.value?.stop();
		}
		throw error;
	}
}
