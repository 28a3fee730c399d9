import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { CommandLine, Exited, Order, Report } from "./messages.ts";

/** Programs that cannot outlive this process. */
export interface Supervision {
	start(name: string, command: CommandLine): void;
	signal(name: string, signal: NodeJS.Signals): void;
	/** Kills a program and resolves when it is gone. */
	kill(name: string): Promise<void>;
	isRunning(name: string): boolean;
	/** Kills all programs; resolves when they and the supervisor are gone. */
	end(): Promise<void>;
}

export interface SupervisionOptions {
	/** Removed at the end, also when this process is killed. */
	readonly temporaryFolder?: string | undefined;
	/** A program ended, or could not be started, without `kill` or `end`. */
	readonly onExit: (exited: Exited) => void;
}

/** Starts the supervisor process. */
export function superviseIn(options: SupervisionOptions): Supervision {
	const script = fileURLToPath(new URL("./supervisor.ts", import.meta.url));
	const args = options.temporaryFolder === undefined ? [] : [options.temporaryFolder];
	// Detached: Ctrl-C in the terminal goes to the owner, which decides what to say before it ends the programs.
	const supervisor = fork(script, args, {
		detached: true,
		stdio: ["ignore", "ignore", "inherit", "ipc"],
		execArgv: [],
	});
	supervisor.unref();
	supervisor.channel?.unref();
	const running = new Map<string, number | undefined>();
	const killed = new Map<string, () => void>();
	let ended = false;

	function exited(exit: Exited): void {
		running.delete(exit.name);
		const wasAsked = killed.get(exit.name);
		killed.delete(exit.name);
		if (wasAsked !== undefined) wasAsked();
		else if (!ended) options.onExit(exit);
	}
	supervisor.on("message", (report: Report) => {
		if (report.kind === "started") running.set(report.name, report.pid);
		else exited(report);
	});
	supervisor.once("exit", () => {
		// Killed from outside: the programs are ours to end.
		for (const [name, pid] of running) {
			killProcess(pid);
			exited({ name, code: null, signal: "SIGKILL", error: "the cluster's supervisor was killed" });
		}
	});

	function send(order: Order): void {
		if (supervisor.connected) supervisor.send(order);
	}

	return {
		start(name, command) {
			running.set(name, undefined);
			send({ kind: "start", name, command });
		},
		signal: (name, signal) => send({ kind: "signal", name, signal }),
		async kill(name) {
			if (!running.has(name)) return;
			const gone = new Promise<void>((resolve) => killed.set(name, resolve));
			supervisor.channel?.ref();
			send({ kind: "signal", name, signal: "SIGKILL" });
			await gone;
			supervisor.channel?.unref();
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

function killProcess(pid: number | undefined): void {
	try {
		if (pid !== undefined) process.kill(pid, "SIGKILL");
	} catch {
		// Already gone.
	}
}
