#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { commandLineOf } from "./invocation.ts";
import { endWith, processTerminal } from "./terminal.ts";

// Before the rest is imported: what it saves is their compilation. Without a writable folder it does nothing.
enableCompileCache();
const { runPlugin } = await import("./root.ts");
await endWith(runPlugin(commandLineOf(process), processTerminal()));
