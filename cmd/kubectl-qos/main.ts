#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { commandLineOf } from "./invocation.ts";
import { processTerminal } from "./terminal.ts";

// Before the rest is imported: what it saves is their compilation. Without a writable folder it does nothing.
enableCompileCache();
const { runPlugin } = await import("./root.ts");
// Not process.exit: it would cut off what a slow pipe has not taken yet.
process.exitCode = await runPlugin(commandLineOf(process), processTerminal());
