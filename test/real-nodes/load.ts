import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import type { RealCluster } from "./types.ts";

/** What the load generator is asked for; `workloads/load` says what each means. */
export interface LoadPlan {
	readonly namespace: string;
	readonly seed: number;
	readonly timeoutSeconds: number;
	/** Requests per second. */
	readonly apps: readonly { readonly name: string; readonly rate: number }[];
	readonly probes?: readonly {
		readonly service: string;
		readonly app: string;
		readonly cost: string;
		readonly rate: number;
	}[];
}

interface LoadOptions {
	/** The workload program. */
	readonly program: string;
	readonly plan: LoadPlan;
	/** Where the requests go, one line each. */
	readonly file: string;
}

export interface Load {
	/** When sending began, ms since the epoch. */
	readonly startedAt: number;
	/** Stops sending, waits for the last answers. */
	stop(): Promise<void>;
}

/** Starts the load generator; resolves when it sends. */
export async function startLoad(cluster: RealCluster, { program, plan, file }: LoadOptions): Promise<Load> {
	const planFile = join(cluster.dir, `${basename(file)}.plan.json`);
	const complete = { ...(await accessOf(cluster)), ...plan };
	await writeFile(planFile, JSON.stringify(complete), { mode: 0o600 });
	const child = spawn(program, ["load", "-plan", planFile, "-out", file], { stdio: ["ignore", "pipe", "inherit"] });
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

/** How it reaches the API server. */
async function accessOf(cluster: RealCluster): Promise<object> {
	const config = parse(await readFile(cluster.kubeconfig, "utf8")) as {
		clusters: { cluster: { "certificate-authority-data": string } }[];
		users: { user: { token: string } }[];
	};
	const caFile = join(cluster.dir, "load-ca.crt");
	await writeFile(caFile, Buffer.from(config.clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64"));
	return { server: cluster.apiServerUrl, token: config.users[0]?.user.token, caFile };
}
