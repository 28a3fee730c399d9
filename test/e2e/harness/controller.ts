import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Cluster } from "../../cluster/cluster.ts";
import { freePorts } from "../../cluster/ports.ts";
import { waitFor } from "../../cluster/wait.ts";

const MAIN = join(import.meta.dirname, "../../../cmd/qos-controller/main.ts");

const LEASH = new URL("leash.mjs", import.meta.url).href;

/** A real controller process. */
export interface ControllerProcess {
	readonly name: string;
	readonly logFile: string;
	readonly healthUrl: string;
	readonly webhookUrl: string;
	readonly pid: number;
	log(): Promise<string>;
	metrics(): Promise<string>;
	/** Status code of a health path; 0 when nothing answers. */
	probe(path: "/livez" | "/readyz"): Promise<number>;
	ready(timeoutMs?: number): Promise<void>;
	signal(signal: NodeJS.Signals): void;
	/** SIGTERM, then waits for the end. Resolves to the exit code. */
	stop(): Promise<number | null>;
	/** SIGKILL. */
	kill(): Promise<void>;
}

export interface ControllerOptions {
	readonly name: string;
	readonly cluster: Pick<Cluster, "dir" | "kubeconfig" | "prometheusUrl">;
	/** Merged over the harness's fast configuration, per top-level section. */
	readonly configuration?: Record<string, Record<string, unknown>>;
	/** Port of the webhook; default: a free one. */
	readonly webhookPort?: number;
}

/** A configuration in which a step is one second and nothing waits for minutes. */
async function writeConfiguration(options: ControllerOptions, ports: { webhook: number; health: number }) {
	const base: Record<string, Record<string, unknown>> = {
		prometheus: { url: options.cluster.prometheusUrl, timeout: "2s" },
		metrics: { step: "1s" },
		webhook: { host: "127.0.0.1", port: ports.webhook, url: `https://127.0.0.1:${ports.webhook}/mutate`, drain: "0s" },
		health: { host: "127.0.0.1", port: ports.health },
		certificates: { checkInterval: "1s" },
		leaderElection: { leaseDuration: "3s", renewDeadline: "2s", retryPeriod: "500ms" },
		rebalancing: { progressInterval: "500ms", releaseGrace: "2s" },
	};
	const merged: Record<string, unknown> = {};
	for (const section of new Set([...Object.keys(base), ...Object.keys(options.configuration ?? {})])) {
		merged[section] = { ...base[section], ...options.configuration?.[section] };
	}
	const file = join(options.cluster.dir, `${options.name}.yaml`);
	await writeFile(file, stringify(merged));
	return file;
}

export async function startController(options: ControllerOptions): Promise<ControllerProcess> {
	const [health = 0, free = 0] = await freePorts(2);
	const ports = { health, webhook: options.webhookPort ?? free };
	const configuration = await writeConfiguration(options, ports);
	const logFile = join(options.cluster.dir, `${options.name}.log`);
	const log = openSync(logFile, "a");
	const flags = ["--config", configuration, "--kubeconfig", options.cluster.kubeconfig];
	const child = spawn(process.execPath, ["--import", LEASH, MAIN, ...flags], { stdio: ["ignore", log, log, "ipc"] });
	closeSync(log);
	return controllerProcess(child, { name: options.name, logFile, ports });
}

function controllerProcess(
	child: ChildProcess,
	{ name, logFile, ports }: { name: string; logFile: string; ports: { webhook: number; health: number } },
): ControllerProcess {
	const ended = new Promise<number | null>((resolve) => {
		child.once("exit", resolve);
	});
	const healthUrl = `http://127.0.0.1:${ports.health}`;
	async function probe(path: string): Promise<number> {
		try {
			return (await fetch(healthUrl + path, { signal: AbortSignal.timeout(2_000) })).status;
		} catch {
			return 0;
		}
	}
	function failIfEnded(): void {
		if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}; see ${logFile}`);
	}
	return {
		name,
		logFile,
		healthUrl,
		webhookUrl: `https://127.0.0.1:${ports.webhook}/mutate`,
		pid: child.pid ?? 0,
		log: () => readFile(logFile, "utf8"),
		metrics: async () => (await fetch(`${healthUrl}/metrics`)).text(),
		probe,
		ready: (timeoutMs = 30_000) =>
			waitFor(async () => (await probe("/readyz")) === 200, { what: `${name} ready`, timeoutMs, check: failIfEnded }),
		signal: (signal) => void child.kill(signal),
		async stop() {
			child.kill("SIGTERM");
			return ended;
		},
		async kill() {
			child.kill("SIGKILL");
			await ended;
		},
	};
}
