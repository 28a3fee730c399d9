/**
 * Entry of the single executable. It runs once where the executable is built, and what it leaves in memory is
 * what every start begins with: most of a start's time would go into loading and compiling.
 */
import { startupSnapshot } from "node:v8";
import { commandLineOf } from "./invocation.ts";
import { rehearse } from "./rehearsal.ts";
import { runPlugin } from "./root.ts";
import { endWith, processTerminal } from "./terminal.ts";

async function main(): Promise<void> {
	await endWith(runPlugin(commandLineOf(process), processTerminal()));
}

if (startupSnapshot.isBuildingSnapshot()) {
	startupSnapshot.setDeserializeMainFunction(() => void main());
	void rehearse();
} else {
	void main();
}
