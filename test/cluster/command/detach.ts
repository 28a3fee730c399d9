import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines } from "../last-lines.ts";
import { ask, type ClusterState } from "./control.ts";
import { clusterDir, type UpFlags } from "./options.ts";

/** Starts `up` as a process that outlives this one; resolves when its cluster is ready. */
export async function startDetached(flags: UpFlags): Promise<ClusterState> {
	const dir = clusterDir(flags.dir);
	const running = await ask(dir, "status");
	if (running !== undefined) {
		throw new Error(
			`a cluster is already running in ${dir} (process ${running.pid}): "npm run cluster -- down" stops it`,
		);
	}
	const logFile = `${dir}.log`;
	mkdirSync(dirname(logFile), { recursive: true });
	const log = openSync(logFile, "w", 0o600);
	const args = process.argv.slice(1).filter((arg) => !arg.startsWith("--detach") && arg !== "-d");
	const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] });
	closeSync(log);
	child.unref();
	const exit = once(child, "exit").then(() => "exited" as const);
	for (;;) {
		const state = await ask(dir, "status");
		if (state?.ready === true) return state;
		if ((await Promise.race([exit, sleep(200)])) === "exited") {
			throw new Error(`the cluster did not start (${logFile}):\n${lastLines(logFile, 20)}`);
		}
	}
}
