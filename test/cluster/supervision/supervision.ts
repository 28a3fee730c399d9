import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { lastLines } from "../last-lines.ts";
import type { CommandLine, Exited, Order, Report } from "./messages.ts";

/** Programs that cannot outlive this process. */
export interface Supervision {
	start(name: string, command: CommandLine): void;
	/** Runs a program that ends by itself; resolves with its end, of which `onExit` is not told. */
	run(name: string, command: CommandLine): Promise<Exited>;
	signal(name: string, signal: NodeJS.Signals): void;
	/** Kills a program and resolves when it is gone. */
	kill(name: string): Promise<void>;
	isRunning(name: string): boolean;
	/** Kills all programs; resolves when they and the supervisor are gone. */
	end(): Promise<void>;
}

/** Namespaces of their own for programs: all in them ends with them. */
export interface Enclosure {
	/** Runs the command that follows its own arguments, and removes what is left behind when that has ended. */
	readonly launcher: readonly [file: string, ...args: string[]];
	/** What the launcher has to say. */
	readonly log: string;
}

export interface SupervisionOptions {
	readonly enclosure?: Enclosure | undefined;
	/** Removed at the end, also when this process is killed. */
	readonly temporaryFolder?: string | undefined;
	/** A program ended, or could not be started, without `kill` or `end`. */
	readonly onExit: (exited: Exited) => void;
}

/** Starts the supervisor process. */
export function superviseIn(options: SupervisionOptions): Supervision {
	const { enclosure, temporaryFolder } = options;
	const supervisor = startSupervisor(enclosure, temporaryFolder);
	const running = new Map<string, number | undefined>();
	/** Who waits for the end of a program. */
	const awaited = new Map<string, (exit: Exited) => void>();
	let ended = false;

	function exited(exit: Exited): void {
		running.delete(exit.name);
		const waiting = awaited.get(exit.name);
		awaited.delete(exit.name);
		if (waiting !== undefined) waiting(exit);
		else if (!ended) options.onExit(exit);
	}
	supervisor.on("message", (report: Report) => {
		if (report.kind === "started") running.set(report.name, report.pid);
		else exited(report);
	});
	supervisor.once("exit", () => {
		const error = enclosure === undefined ? "" : lastLines(enclosure.log, 5);
		for (const [name, pid] of running) {
			// Killed from outside: the programs are ours to end. In an enclosure they have ended, and have other ids there.
			if (enclosure === undefined) killProcess(pid);
			exited({ name, code: null, signal: "SIGKILL", error: `the cluster's supervisor was killed\n${error}`.trim() });
		}
	});

	function send(order: Order): void {
		if (supervisor.connected) supervisor.send(order);
	}

	function start(name: string, command: CommandLine): void {
		running.set(name, undefined);
		send({ kind: "start", name, command });
	}
	/** The end of a program; keeps this process alive until then. */
	async function endOf(name: string): Promise<Exited> {
		const { promise, resolve } = Promise.withResolvers<Exited>();
		awaited.set(name, resolve);
		supervisor.channel?.ref();
		try {
			return await promise;
		} finally {
			if (awaited.size === 0) supervisor.channel?.unref();
		}
	}

	return {
		start,
		run(name, command) {
			const exit = endOf(name);
			start(name, command);
			return exit;
		},
		signal: (name, signal) => send({ kind: "signal", name, signal }),
		async kill(name) {
			if (!running.has(name)) return;
			const gone = endOf(name);
			send({ kind: "signal", name, signal: "SIGKILL" });
			await gone;
		},
		isRunning: (name) => running.has(name),
		async end() {
			ended = true;
			if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
			supervisor.ref();
			const gone = once(supervisor, "exit");
			if (supervisor.connected) supervisor.disconnect();
			await gone;
		},
	};
}

function startSupervisor(enclosure: Enclosure | undefined, temporaryFolder: string | undefined) {
	const script = fileURLToPath(new URL("./supervisor.ts", import.meta.url));
	const own = [process.execPath, script, ...(temporaryFolder === undefined ? [] : [temporaryFolder])];
	const [file = "", ...args] = enclosure === undefined ? own : [...enclosure.launcher, ...own];
	const log = enclosure === undefined ? undefined : openSync(enclosure.log, "a");
	// Detached: Ctrl-C in the terminal goes to the owner, which decides what to say before it ends the programs.
	const supervisor = spawn(file, args, { detached: true, stdio: ["ignore", "ignore", log ?? "inherit", "ipc"] });
	if (log !== undefined) closeSync(log);
	supervisor.unref();
	supervisor.channel?.unref();
	return supervisor;
}

function killProcess(pid: number | undefined): void {
	try {
		if (pid !== undefined) process.kill(pid, "SIGKILL");
	} catch {
		// Already gone.
	}
}
