import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { commandLines, type Layout, logFile, schedulerConfigFile, schedulerConfiguration } from "./command-lines.ts";
import { prepareDirectory, writeCredentials, writeKubeconfig } from "./directory.ts";
import { runKubectl } from "./kubectl.ts";
import { lastLines } from "./last-lines.ts";
import { addNodes, setKubelet, setUnschedulable } from "./nodes.ts";
import { freePorts } from "./ports.ts";
import { locateAll } from "./programs/programs.ts";
import { isPrometheusReady, reloadPrometheus, writePrometheusConfig } from "./prometheus.ts";
import { kwokStages } from "./stages.ts";
import type { Exited } from "./supervision/messages.ts";
import { type Supervision, superviseIn } from "./supervision/supervision.ts";
import type { Cluster, ClusterOptions, ProgramExit, Programs, Server } from "./types.ts";
import { waitFor } from "./wait.ts";

export type { Cluster, ClusterOptions, NodeSpec, ProgramExit } from "./types.ts";

const READY_TIMEOUT_MS = 90_000;
const ATTEMPTS = 3;

/** Everything that the parts of one cluster share. */
interface Context {
	readonly options: ClusterOptions;
	readonly programs: Programs;
	readonly layout: Layout;
	readonly token: string;
	readonly api: ApiClient;
	readonly supervision: Supervision;
	readonly apiServerUrl: string;
	readonly prometheusUrl: string;
	/** Deaths that nobody asked for, by server. */
	readonly exits: Map<Server, ProgramExit>;
	/** Before the start is done a death fails the start; afterwards `onExit` is told. */
	readonly lifecycle: { started: boolean };
}

/**
 * Starts a control plane of real programs on free loopback ports and resolves when it is usable. It ends with
 * `stop`, or with this process. Rejects with the last log lines of the program that failed.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
	const programs = locateAll();
	for (let attempt = 1; ; attempt += 1) {
		const context = await prepare(options, programs);
		try {
			await startServers(context);
			return clusterOf(context);
		} catch (error) {
			await end(context);
			// Between choosing a port and binding it another process may have taken it.
			if (attempt === ATTEMPTS || !/address already in use/.test(String(error))) throw error;
		}
	}
}

async function prepare(options: ClusterOptions, programs: Programs): Promise<Context> {
	const dir = await prepareDirectory(options.dir);
	const layout = await chooseLayout(dir, options);
	const { ports } = layout;
	const token = await writeCredentials(dir);
	await writeFile(
		join(dir, "kwok-stages.yaml"),
		kwokStages({
			startupSeconds: options.containerStartupSeconds ?? 0,
			stopSeconds: options.containerStopSeconds ?? 0,
		}),
	);
	const scheduler = schedulerConfiguration(layout.kubeconfig, options.schedulerExtenders ?? []);
	await writeFile(schedulerConfigFile(dir), JSON.stringify(scheduler));
	await writePrometheusConfig(dir, options.scrapeIntervalSeconds ?? 1, options.scrape ?? []);
	const exits: Context["exits"] = new Map();
	const lifecycle = { started: false };
	function onExit(exited: Exited): void {
		const exit = describeExit(dir, exited);
		exits.set(exit.program, exit);
		if (lifecycle.started) (options.onExit ?? printExit)(exit);
	}
	const apiServerUrl = `https://127.0.0.1:${ports.apiServer}`;
	return {
		options,
		programs,
		layout,
		token,
		exits,
		lifecycle,
		apiServerUrl,
		prometheusUrl: options.prometheus === false ? "" : `http://127.0.0.1:${ports.prometheus}`,
		api: createApiClient(apiServerUrl, token, () => readFileSync(join(dir, "certs", "apiserver.crt"))),
		supervision: superviseIn({ temporaryFolder: options.dir === undefined ? dir : undefined, onExit }),
	};
}

async function chooseLayout(dir: string, options: ClusterOptions): Promise<Layout> {
	const [etcd = 0, etcdPeer = 0, apiServer = 0, prometheus = 0] = await freePorts(4);
	const nodes = options.nodes ?? 0;
	return {
		dir,
		kubeconfig: join(dir, "kubeconfig"),
		ports: { etcd, etcdPeer, apiServer, prometheus },
		// Short, so that a dead node is noticed in seconds; many nodes would spend it all on renewing leases.
		nodeGraceSeconds: options.nodeGraceSeconds ?? (nodes > 50 ? 50 : 8),
		apiServerFlags: options.apiServerFlags ?? [],
		controllerManagerFlags: options.controllerManagerFlags ?? [],
	};
}

function describeExit(dir: string, exited: Exited): ProgramExit {
	const program = exited.name as Server;
	return {
		program,
		code: exited.code,
		signal: exited.signal,
		lastLines: exited.error ?? lastLines(logFile(dir, program), 15),
	};
}

/** One line about how a program ended, then the last lines of its log. */
export function exitMessage(exit: ProgramExit): string {
	const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
	return `${exit.program} ended ${how}; the last lines of its log:\n${exit.lastLines}`;
}

async function startServers(context: Context): Promise<void> {
	const { options, layout, api } = context;
	const early: Server[] = ["etcd", "kube-apiserver"];
	if (context.prometheusUrl !== "") early.push("prometheus");
	for (const server of early) launch(context, server);
	await waitUntilReady(context, "kube-apiserver");
	await writeKubeconfig(layout.kubeconfig, {
		server: context.apiServerUrl,
		token: context.token,
		certificateAuthority: await readFile(join(layout.dir, "certs", "apiserver.crt")),
	});
	for (const server of ["kube-controller-manager", "kube-scheduler", "kwok"] as const) launch(context, server);
	await waitForServer(context, "the default service account", async () => {
		await api.send({ path: "/api/v1/namespaces/default/serviceaccounts/default" });
		return true;
	});
	if (context.prometheusUrl !== "") await waitUntilReady(context, "prometheus");
	const count = options.nodes ?? 0;
	if (count > 0) await addNodes(api, numberedNodes(count));
	throwIfOneDied(context);
}

function numberedNodes(count: number): { name: string }[] {
	return Array.from({ length: count }, (_, index) => ({ name: `node-${index + 1}` }));
}

function launch(context: Context, server: Server): void {
	context.supervision.start(server, commandLines(context.programs, context.layout)[server]);
}

function waitUntilReady(context: Context, server: Server): Promise<void> {
	return waitForServer(context, `${server} ready`, async () => {
		if (server === "prometheus") return isPrometheusReady(context.prometheusUrl);
		if (server === "kube-apiserver") return (await context.api.send({ path: "/readyz" })) === "ok";
		return context.supervision.isRunning(server);
	});
}

async function waitForServer(context: Context, what: string, probe: () => Promise<boolean>): Promise<void> {
	await waitFor(probe, { what, timeoutMs: READY_TIMEOUT_MS, check: () => throwIfOneDied(context) });
}

function throwIfOneDied(context: Context): void {
	for (const exit of context.exits.values()) throw new Error(exitMessage(exit));
}

async function end(context: Context): Promise<void> {
	context.lifecycle.started = false;
	context.api.close();
	await context.supervision.end();
	// The supervisor removes a temporary folder, unless it was killed itself.
	if (context.options.dir === undefined) await rm(context.layout.dir, { recursive: true, force: true });
}

function clusterOf(context: Context): Cluster {
	const { api, layout, options, supervision } = context;
	context.lifecycle.started = true;
	return {
		dir: layout.dir,
		kubeconfig: layout.kubeconfig,
		apiServerUrl: context.apiServerUrl,
		prometheusUrl: context.prometheusUrl,
		programs: context.programs,
		kubectl: (args, input) =>
			runKubectl({ programs: context.programs, kubeconfig: layout.kubeconfig, dir: layout.dir }, args, input),
		addNodes: (specs) => addNodes(api, specs),
		cordon: (name) => setUnschedulable(api, name, true),
		uncordon: (name) => setUnschedulable(api, name, false),
		kill: (name) => setKubelet(api, name, "stopped"),
		revive: (name) => setKubelet(api, name, "running"),
		async scrape(targets) {
			await writePrometheusConfig(layout.dir, options.scrapeIntervalSeconds ?? 1, targets);
			await reloadPrometheus(context.prometheusUrl);
		},
		stopProgram: (name) => supervision.kill(name),
		async startProgram(name) {
			if (supervision.isRunning(name)) return;
			context.exits.delete(name);
			launch(context, name);
			await waitUntilReady(context, name);
		},
		freezeProgram: async (name) => supervision.signal(name, "SIGSTOP"),
		thawProgram: async (name) => supervision.signal(name, "SIGCONT"),
		stop: () => end(context),
	};
}

function printExit(exit: ProgramExit): void {
	console.error(exitMessage(exit));
}
