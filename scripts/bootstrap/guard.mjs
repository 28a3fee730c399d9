// Runs a command in a process group of its own, and ends the whole group with the process that
// started this one, however that ended: an npm left alone would go on writing what the next one is deleting.
// usage: guard.mjs COMMAND ARGS...
import { spawn } from "node:child_process";

const [command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });

function end() {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, "SIGKILL");
	} catch {
		// It has ended.
	}
}

process.once("disconnect", end);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, end);
child.once("error", (error) => {
	process.stderr.write(`${error.message}\n`);
	process.exit(127);
});
child.once("exit", (code, signal) => {
	process.exitCode = code ?? (signal === null ? 1 : 128);
	process.disconnect?.();
});
