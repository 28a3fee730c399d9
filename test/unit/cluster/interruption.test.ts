import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const MODULE = new URL("../../cluster/programs/interruption.ts", import.meta.url).href;

/** Says `waiting`, and once it is interrupted tidies up for a moment and says so. */
const PROGRAM = `
import { interruptible } from ${JSON.stringify(MODULE)};
await interruptible(async (interruption) => {
	const alive = setInterval(() => undefined, 1000);
	console.log("waiting");
	await new Promise((resolve) => interruption.addEventListener("abort", resolve));
	clearInterval(alive);
	await new Promise((resolve) => setTimeout(resolve, 200));
});
console.log("tidied up");
process.exitCode = 3;
`;

test.each<[string, (child: ChildProcess) => void]>([
	["a signal", (child) => child.kill("SIGTERM")],
	["Ctrl-C, which comes from the terminal and from the parent", (child) => [1, 2].map(() => child.kill("SIGINT"))],
	["the end of the parent", (child) => child.disconnect()],
])("%s is answered once, in order", async (_, interrupt) => {
	const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
		stdio: ["ignore", "pipe", "inherit", "ipc"],
	});
	const { stdout } = child;
	if (stdout === null) throw new Error("no stdout");
	stdout.once("data", () => {
		interrupt(child);
		// A second signal that is on its way while the first is answered.
		setTimeout(() => child.kill("SIGINT"), 100);
	});
	const [said, [code]] = await Promise.all([text(stdout), once(child, "exit")]);
	expect({ said, code }).toEqual({ said: "waiting\ntidied up\n", code: 3 });
	if (child.connected) child.disconnect();
});
