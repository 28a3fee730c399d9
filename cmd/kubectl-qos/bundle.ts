/**
 * Entry of the packaged plugin. One file cannot compile-cache itself, and CommonJS has no top-level await:
 * the npm package has a launcher before it, the single executable has its code cached inside.
 */
import { runPlugin } from "./root.ts";
import { processTerminal } from "./terminal.ts";

void runPlugin(process.argv.slice(2), processTerminal()).then((code) => {
	process.exitCode = code;
});
