/**
 * Runs as a process of its own between the cluster's owner and the programs. The IPC channel to the owner
 * closes when the owner ends, however it ends (SIGKILL included); then every program is killed.
 * Usage: supervisor.ts [TEMPORARY_FOLDER], which is removed at the end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import type { CommandLine, Exited, Order, Report } from "./messages.ts";

const temporaryFolder = process.argv[2];
const running = new Map<string, ChildProcess>();
let ending = false;

function start(name: string, command: CommandLine): void {
	const log = openSync(command.log, "a");
	const env = { ...process.env, ...command.env };
	const child = spawn(command.file, command.args, { stdio: ["ignore", log, log], env });
	closeSync(log);
	running.set(name, child);
	if (child.pid !== undefined) report({ kind: "started", name, pid: child.pid });
	child.once("error", (error) => ended({ name, code: null, signal: null, error: error.message }));
	child.once("exit", (code, signal) => ended({ name, code, signal }));
}

function ended(exited: Exited): void {
	running.delete(exited.name);
	if (!ending) report({ kind: "exited", ...exited });
	else if (running.size === 0) leave();
}

function report(message: Report): void {
	if (process.connected) process.send?.(message);
}

/** SIGKILL: nothing of the data outlives the cluster, so there is nothing to finish. */
function killAll(): void {
	ending = true;
	if (running.size === 0) leave();
	for (const child of running.values()) child.kill("SIGKILL");
}

function leave(): void {
	if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 });
	process.exit(0);
}

process.on("message", (order: Order) => {
	if (order.kind === "start") start(order.name, order.command);
	else running.get(order.name)?.kill(order.signal);
});
process.on("disconnect", killAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, killAll);
