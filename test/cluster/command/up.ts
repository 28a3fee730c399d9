import { once } from "node:events";
import { startRealCluster } from "../../real-nodes/cluster.ts";
import type { RealCluster } from "../../real-nodes/types.ts";
import { type Cluster, exitMessage, type ProgramExit, startCluster } from "../cluster.ts";
import { type Mlflow, startMlflow } from "../mlflow.ts";
import { type ClusterState, type NodeOrder, type Request, serveControl } from "./control.ts";
import { clusterDir, type UpFlags, type Wanted, wanted } from "./options.ts";
import { describe } from "./status.ts";

interface Running {
	readonly cluster: Pick<Cluster, "kubeconfig" | "prometheusUrl" | "stop">;
	/** The same, if its nodes are real. */
	readonly real: RealCluster | undefined;
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
		const real = asked.kind === "Real";
		return { pid: process.pid, dir, kubeconfig, prometheusUrl, mlflowUrl, real, ready, startedAt };
	}
	function programDied(message: string): void {
		console.error(message);
		askToStop("ProgramDied");
	}
	async function answer(request: Request): Promise<ClusterState> {
		if (request === "status") return state();
		if (request !== "stop") return { ...state(), failure: await failureOf(request, running?.real) };
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
		startNodes(asked, onExit),
		mlflow ? startMlflow({ onExit: programDied }) : Promise.resolve(undefined),
	] as const;
	try {
		const [nodes, server] = await Promise.all(starts);
		return { ...nodes, mlflow: server };
	} catch (error) {
		const [nodes, server] = await Promise.allSettled(starts);
		if (nodes.status === "fulfilled") await nodes.value.cluster.stop();
		if (server.status === "fulfilled") await server.value?.stop();
		throw error;
	}
}

async function startNodes(asked: Wanted, onExit: (exit: ProgramExit) => void): Promise<Omit<Running, "mlflow">> {
	if (asked.kind === "Simulated") {
		return { cluster: await startCluster({ ...asked.options, onExit }), real: undefined };
	}
	const cluster = await startRealCluster({ ...asked.options, onExit });
	return { cluster, real: cluster };
}

/** Carries out an order; empty when that has succeeded. */
async function failureOf(order: NodeOrder, cluster: RealCluster | undefined): Promise<string> {
	try {
		if (cluster === undefined) throw new Error("the nodes of this cluster are not real, or not there yet");
		if (order.action === "speed") await cluster.setSpeed(order.node, order.speed);
		else if (order.action === "kill") await cluster.killKubelet(order.node);
		else if (order.action === "power-off") await cluster.killMachine(order.node);
		else await cluster.revive(order.node);
		return "";
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
