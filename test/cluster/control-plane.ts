import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { commandLines, type Layout, logFile, schedulerConfigFile, schedulerConfiguration } from "./command-lines.ts";
import { writeCredentials, writeKubeconfig } from "./directory.ts";
import { runKubectl } from "./kubectl.ts";
import { lastLines } from "./last-lines.ts";
import { setUnschedulable } from "./nodes.ts";
import { isPrometheusReady } from "./prometheus.ts";
import type { Exited } from "./supervision/messages.ts";
import type { Supervision, SupervisionOptions } from "./supervision/supervision.ts";
import type { Cluster, ProgramExit, Programs, Server } from "./types.ts";
import { waitFor } from "./wait.ts";

const READY_TIMEOUT_MS = 90_000;

/** What a control plane is made of, wherever its nodes come from. */
export interface ControlPlaneOptions {
	/** Holds nothing of an earlier cluster; see `prepareDirectory`. */
	readonly dir: string;
	/** Removed at the end. */
	readonly isTemporary: boolean;
	readonly programs: Programs;
	readonly layout: Omit<Layout, "dir" | "kubeconfig">;
	/** Beside etcd, the API server, the controller manager and the scheduler. */
	readonly others: readonly ("kwok" | "prometheus")[];
	readonly schedulerExtenders?: readonly object[] | undefined;
	/** More lines of the API server's tokens: token, user, user's id, "group,group". */
	readonly tokens?: readonly string[] | undefined;
	readonly supervise: (options: SupervisionOptions) => Supervision;
	readonly onExit?: ((exit: ProgramExit) => void) | undefined;
}

/** What a started control plane offers by itself. */
export type Offered = Pick<
	Cluster,
	| "dir"
	| "kubeconfig"
	| "apiServerUrl"
	| "prometheusUrl"
	| "programs"
	| "kubectl"
	| "cordon"
	| "uncordon"
	| "stopProgram"
	| "startProgram"
	| "freezeProgram"
	| "thawProgram"
	| "stop"
>;

/** Calls `probe` until it returns true; rejects when that takes too long or has become hopeless. */
export type WaitUntil = (what: string, probe: () => Promise<boolean>) => Promise<void>;

/** The servers of one cluster. Every method rejects with an Error that says what failed and where to look. */
export interface ControlPlane {
	readonly layout: Layout;
	readonly api: ApiClient;
	readonly supervision: Supervision;
	readonly offered: Offered;
	/** Starts the servers; resolves when they are usable. */
	start(): Promise<void>;
	/** Waits for something that can come only while no program dies. */
	readonly waitUntil: WaitUntil;
	/** From now on the deaths of programs are told to `onExit`. Rejects when one has died already. */
	open(): void;
}

/** Everything that the parts of one control plane share. */
interface Context {
	readonly options: ControlPlaneOptions;
	readonly programs: Programs;
	readonly layout: Layout;
	readonly token: string;
	readonly api: ApiClient;
	readonly supervision: Supervision;
	readonly apiServerUrl: string;
	readonly prometheusUrl: string;
	/** Deaths that nobody asked for, by program. */
	readonly exits: Map<string, ProgramExit>;
	/** Before the start is done a death fails the start; afterwards `onExit` is told. */
	readonly lifecycle: { started: boolean };
}

/** Writes what the servers need into the folder and makes ready to start them. */
export async function prepareControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
	const { dir } = options;
	const layout: Layout = { ...options.layout, dir, kubeconfig: join(dir, "kubeconfig") };
	const { ports, address } = layout;
	const token = await writeCredentials(dir, options.tokens ?? []);
	const scheduler = schedulerConfiguration(layout.kubeconfig, options.schedulerExtenders ?? []);
	await writeFile(schedulerConfigFile(dir), JSON.stringify(scheduler));
	const exits: Context["exits"] = new Map();
	const lifecycle = { started: false };
	function onExit(exited: Exited): void {
		const exit = describeExit(dir, exited);
		exits.set(exit.program, exit);
		if (lifecycle.started) (options.onExit ?? printExit)(exit);
	}
	const apiServerUrl = `https://${address}:${ports.apiServer}`;
	return controlPlaneOf({
		options,
		programs: options.programs,
		layout,
		token,
		exits,
		lifecycle,
		apiServerUrl,
		prometheusUrl: options.others.includes("prometheus") ? `http://${address}:${ports.prometheus}` : "",
		api: createApiClient(apiServerUrl, token, () => readFileSync(join(dir, "certs", "apiserver.crt"))),
		supervision: options.supervise({ temporaryFolder: options.isTemporary ? dir : undefined, onExit }),
	});
}

function describeExit(dir: string, exited: Exited): ProgramExit {
	return {
		program: exited.name,
		code: exited.code,
		signal: exited.signal,
		lastLines: exited.error ?? lastLines(logFile(dir, exited.name), 15),
	};
}

/** One line about how a program ended, then the last lines of its log. */
export function exitMessage(exit: ProgramExit): string {
	const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`;
	return `${exit.program} ended ${how}; the last lines of its log:\n${exit.lastLines}`;
}

function printExit(exit: ProgramExit): void {
	console.error(exitMessage(exit));
}

function controlPlaneOf(context: Context): ControlPlane {
	const { layout, api, supervision, lifecycle } = context;
	return {
		layout,
		api,
		supervision,
		offered: offeredBy(context),
		start: () => startServers(context),
		waitUntil: (what, probe) => waitWhileAllLive(context, what, probe),
		open() {
			throwIfOneDied(context);
			lifecycle.started = true;
		},
	};
}

async function startServers(context: Context): Promise<void> {
	const { layout, api, options } = context;
	const withPrometheus = options.others.includes("prometheus");
	const early: Server[] = ["etcd", "kube-apiserver"];
	if (withPrometheus) early.push("prometheus");
	for (const server of early) launch(context, server);
	await waitUntilReady(context, "kube-apiserver");
	await writeKubeconfig(layout.kubeconfig, {
		server: context.apiServerUrl,
		user: "admin",
		token: context.token,
		certificateAuthority: await readFile(join(layout.dir, "certs", "apiserver.crt")),
	});
	const late: Server[] = ["kube-controller-manager", "kube-scheduler"];
	if (options.others.includes("kwok")) late.push("kwok");
	for (const server of late) launch(context, server);
	await waitWhileAllLive(context, "the default service account", async () => {
		await api.send({ path: "/api/v1/namespaces/default/serviceaccounts/default" });
		return true;
	});
	if (withPrometheus) await waitUntilReady(context, "prometheus");
}

function launch(context: Context, server: Server): void {
	context.supervision.start(server, commandLines(context.programs, context.layout)[server]);
}

function waitUntilReady(context: Context, server: Server): Promise<void> {
	return waitWhileAllLive(context, `${server} ready`, async () => {
		if (server === "prometheus") return isPrometheusReady(context.prometheusUrl);
		if (server === "kube-apiserver") return (await context.api.send({ path: "/readyz" })) === "ok";
		return context.supervision.isRunning(server);
	});
}

async function waitWhileAllLive(context: Context, what: string, probe: () => Promise<boolean>): Promise<void> {
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
	if (context.options.isTemporary) await rm(context.layout.dir, { recursive: true, force: true });
}

function offeredBy(context: Context): Offered {
	const { api, layout, programs, supervision } = context;
	const { dir, kubeconfig } = layout;
	return {
		dir,
		kubeconfig,
		apiServerUrl: context.apiServerUrl,
		prometheusUrl: context.prometheusUrl,
		programs,
		kubectl: (args, input) => runKubectl({ programs, kubeconfig, dir }, args, input),
		cordon: (name) => setUnschedulable(api, name, true),
		uncordon: (name) => setUnschedulable(api, name, false),
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
