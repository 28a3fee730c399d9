import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { ROOT } from "../../scripts/run-part.ts";
import { freePorts } from "../../test/cluster/ports.ts";
import type { UnpackedImage } from "../../test/image/archive.ts";
import { configure, runContainer } from "../../test/image/container.ts";

const PATIENCE_MS = 60_000;

/** A way to run the controller. */
export type Way = "container" | "source";

export interface Installed {
	readonly image: UnpackedImage;
	readonly dir: string;
	/** Of the controller's ServiceAccount. */
	readonly kubeconfig: string;
	readonly prometheusUrl: string;
}

/** What a process has used so far. */
export interface Usage {
	readonly cpuSeconds: number;
	readonly residentMiB: number;
	/** Of it, what is not a file's: heaps and stacks. */
	readonly anonymousMiB: number;
}

export interface RunningController {
	/** From the start of the process until /readyz was ok, ms. The webhook listens by then. */
	readonly readyMs: number;
	usage(): Usage;
	stop(): Promise<void>;
}

/** Starts the controller in the default configuration, but for addresses; resolves when it is ready. */
export async function startReady(way: Way, installed: Installed): Promise<RunningController> {
	const [webhook = 0, health = 0] = await freePorts(2);
	const configuration = {
		prometheus: { url: installed.prometheusUrl },
		webhook: { host: "127.0.0.1", port: webhook, url: `https://127.0.0.1:${webhook}/mutate`, drain: "0s" },
		health: { host: "127.0.0.1", port: health },
	};
	const start = performance.now();
	const child = way === "container" ? contained(installed, configuration) : fromSource(installed, configuration);
	child.stdout?.resume();
	let said = "";
	child.stderr?.on("data", (chunk: Buffer) => {
		said += chunk.toString();
	});
	while (!(await isReady(health))) {
		if (child.exitCode !== null || performance.now() - start > PATIENCE_MS) throw new Error(`not ready: ${said}`);
		await sleep(5);
	}
	const readyMs = performance.now() - start;
	const pid = way === "container" ? onlyChildOf(child.pid) : Number(child.pid);
	return {
		readyMs,
		usage: () => usageOf(pid),
		async stop() {
			process.kill(pid, "SIGTERM");
			if (child.exitCode === null) await once(child, "exit");
		},
	};
}

function contained({ image, kubeconfig }: Installed, configuration: object): ChildProcess {
	return runContainer(image, configure(image, configuration, kubeconfig));
}

function fromSource({ dir, kubeconfig }: Installed, configuration: object): ChildProcess {
	const file = join(dir, "bench-controller.yaml");
	writeFileSync(file, stringify(configuration));
	return spawn(process.execPath, ["cmd/qos-controller/main.ts", "--config", file, "--kubeconfig", kubeconfig], {
		cwd: ROOT,
	});
}

async function isReady(port: number): Promise<boolean> {
	return fetch(`http://127.0.0.1:${port}/readyz`).then(
		({ ok }) => ok,
		() => false,
	);
}

/** A container's own process is the child of the one that made its namespaces. */
function onlyChildOf(pid: number | undefined): number {
	return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

const TICKS_PER_SECOND = 100;

function usageOf(pid: number): Usage {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
		.replace(/^.*\) /, "")
		.split(" ");
	const status = readFileSync(`/proc/${pid}/status`, "utf8");
	const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
	return {
		// utime and stime, of all threads: fields 14 and 15 of proc(5).
		cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
		residentMiB: mebibytes("VmRSS"),
		anonymousMiB: mebibytes("RssAnon"),
	};
}
