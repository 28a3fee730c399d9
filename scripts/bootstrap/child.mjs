import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a command on this terminal, passes signals on and returns its exit code (128 + number for a signal).
 * Node children get an IPC channel: it closes when this process ends, even by SIGKILL.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export function runToEnd(command, args) {
	const child = spawn(command, args, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
	/** @param {NodeJS.Signals} signal */
	function passOn(signal) {
		// The terminal sends Ctrl-C to the whole process group: the child has it already.
		if (signal === "SIGINT" && process.stdin.isTTY) return;
		child.kill(signal);
	}
	/** @type {readonly NodeJS.Signals[]} */
	const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
	for (const signal of signals) process.on(signal, passOn);
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => {
			for (const name of signals) process.off(name, passOn);
			if (child.connected) child.disconnect();
			resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
		});
	});
}
