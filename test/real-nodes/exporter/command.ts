import { join } from "node:path";
import { logFile } from "../../cluster/command-lines.ts";
import type { CommandLine } from "../../cluster/supervision/messages.ts";
import { controllerFolder } from "../cgroups.ts";
import type { Machine } from "../machine.ts";
import type { MachineSource } from "./readings.ts";

/** How the stand-in for node_exporter is started; `/NAME` of its address is a machine's page. */
export function exporterCommand(
	machines: readonly Machine[],
	{ dir, address, port }: { readonly dir: string; readonly address: string; readonly port: number },
): CommandLine {
	return {
		file: process.execPath,
		args: [join(import.meta.dirname, "main.ts"), address, String(port), JSON.stringify(machines.map(sourceOf))],
		log: logFile(dir, "node-exporter"),
	};
}

function sourceOf({ name, memoryBytes, cgroups }: Machine): MachineSource {
	const pods = (controller: string): string => join(controllerFolder(cgroups, name, controller), "pods");
	return {
		name,
		memoryBytes,
		version: cgroups.trees.version,
		cpu: pods("cpu"),
		cpuacct: pods("cpuacct"),
		memory: pods("memory"),
		blkio: pods("blkio"),
	};
}
