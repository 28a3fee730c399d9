import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { NAMESPACES, PROBE } from "./manifests.ts";
import { FAILED_AFTER } from "./scoring/latency.ts";
import type { Script } from "./script.ts";

/** Requests per second of an app's cost to the probe on every node: enough to know, too few to be felt. */
const PROBE_RATE = 0.1;
const SEED = 7;

interface LoadOptions {
	/** The workload program. */
	readonly program: string;
	readonly script: Script;
	/** Where the requests go. */
	readonly file: string;
}

export interface Load {
	/** When sending began, ms since the epoch. */
	readonly startedAt: number;
	/** Stops sending, waits for the last answers. */
	stop(): Promise<void>;
}

/** Starts the load generator; resolves when it sends. */
export async function startLoad(cluster: RealCluster, { program, script, file }: LoadOptions): Promise<Load> {
	const plan = join(cluster.dir, "load.json");
	await writeFile(plan, JSON.stringify(await planOf(cluster, script)), { mode: 0o600 });
	const child = spawn(program, ["load", "-plan", plan, "-out", file], { stdio: ["ignore", "pipe", "inherit"] });
	const ended = once(child, "exit");
	const lines = createInterface({ input: child.stdout });
	const first = await Promise.race([once(lines, "line"), ended.then(() => ["ended"])]);
	if (first[0] !== "sending") throw new Error("the load generator ended before it sent anything");
	return {
		startedAt: Date.now(),
		async stop() {
			child.kill("SIGTERM");
			await ended;
		},
	};
}

async function planOf(cluster: RealCluster, { apps }: Script): Promise<object> {
	const config = parse(await readFile(cluster.kubeconfig, "utf8")) as {
		clusters: { cluster: { "certificate-authority-data": string } }[];
		users: { user: { token: string } }[];
	};
	const caFile = join(cluster.dir, "load-ca.crt");
	await writeFile(caFile, Buffer.from(config.clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64"));
	return {
		server: cluster.apiServerUrl,
		token: config.users[0]?.user.token,
		caFile,
		namespace: NAMESPACES.apps,
		seed: SEED,
		timeoutSeconds: FAILED_AFTER,
		apps: apps.map(({ name, rate }) => ({ name, rate })),
		probes: apps.map(({ name, costMilliseconds }) => ({
			service: PROBE,
			app: name,
			cost: `${costMilliseconds}ms`,
			rate: PROBE_RATE,
		})),
	};
}
