/**
 * Entry of the packaged plugin. One file cannot compile-cache itself, and CommonJS has no top-level await:
 * the npm package has a launcher before it, the single executable has its code cached inside.
 */
import { commandLineOf } from "./invocation.ts";
import { runPlugin } from "./root.ts";
import { endWith, processTerminal } from "./terminal.ts";

void endWith(runPlugin(commandLineOf(process), processTerminal()));
