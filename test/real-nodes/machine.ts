import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { logFile } from "../cluster/command-lines.ts";
import type { WaitUntil } from "../cluster/control-plane.ts";
import { lastLines } from "../cluster/last-lines.ts";
import type { CommandLine } from "../cluster/supervision/messages.ts";
import type { Supervision } from "../cluster/supervision/supervision.ts";
import type { MachinePrograms } from "../cluster/types.ts";
import { type Cgroups, killMachineProcesses, limitPods, machineFolders, pinPods } from "./cgroups.ts";
import type { Taint } from "./types.ts";

const SCRIPTS = join(import.meta.dirname, "scripts");
const PROGRAMS = ["machine", "containerd", "kubelet"] as const;
export type MachineProgram = (typeof PROGRAMS)[number];

/** What a machine is made of. */
export interface Machine {
	readonly name: string;
	/** CPUs that its pods get together, as last set. */
	speed: number;
	/** Those that its pods run on. */
	readonly cpus: readonly number[];
	readonly memoryBytes: number;
	readonly labels: Readonly<Record<string, string>>;
	readonly taints: readonly Taint[];
	readonly address: string;
	/** Of the servers, which pass packets on. */
	readonly gateway: string;
	readonly podRange: string;
	readonly dir: string;
	/** The cluster's folder. */
	readonly clusterDir: string;
	readonly cgroups: Cgroups;
	readonly programs: MachinePrograms;
	/** Executable. */
	readonly runc: string;
	/** Folder of CNI's plugins. */
	readonly cniPlugins: string;
	/** Of the certificate by which the API server is known to kubelets. */
	readonly clientAuthority: string;
	readonly nodeGraceSeconds: number;
}

/** A program's name among those of the cluster. */
export function programName(program: MachineProgram, machine: Machine): string {
	return `${program}-${machine.name}`;
}

/** Where the kubelet expects the credentials of its node. */
export function kubeletKubeconfig(machine: Machine): string {
	return join(machine.dir, "kubeconfig");
}

/** Switches it on and starts containerd; resolves when the machine's own view of the computer is complete. */
export async function switchOn(machine: Machine, supervision: Supervision, waitUntil: WaitUntil): Promise<void> {
	const ready = join(machine.dir, "machine.pid");
	await mkdir(machine.dir, { recursive: true });
	await rm(ready, { force: true });
	supervision.start(programName("machine", machine), bootCommand(machine));
	await waitUntil(`${machine.name} switched on`, async () => existsSync(ready));
	await limitPods(machine.cgroups, machine.name, machine.speed);
	await pinPods(machine.cgroups, machine.name, machine.cpus);
	supervision.start(programName("containerd", machine), containerdCommand(machine));
}

/** Kills all that runs on it, at once as far as that is possible. */
export async function cutPower(machine: Machine, supervision: Supervision): Promise<void> {
	const ends = PROGRAMS.toReversed().map((program) => supervision.kill(programName(program, machine)));
	await killMachineProcesses(machine.cgroups, machine.name);
	await Promise.all(ends);
}

let imports = 0;

/** Puts the images of an archive into its store. */
export async function importInto(machine: Machine, supervision: Supervision, archive: string): Promise<void> {
	imports += 1;
	const name = `import-${imports}-${machine.name}`;
	const { ctr } = machine.programs;
	const arguments_ = ["--namespace", "k8s.io", "images", "import", "--all-platforms=false", archive];
	const command = onMachine(machine, name, ["bash", join(SCRIPTS, "with-containerd.sh"), ctr, ctr, ...arguments_]);
	const exit = await supervision.run(name, command);
	if (exit.code !== 0) {
		throw new Error(`${archive} could not be imported into ${machine.name}:\n${lastLines(command.log, 5)}`);
	}
}

/** Starts the kubelet; its node becomes Ready some seconds later. */
export function startKubelet(machine: Machine, supervision: Supervision): void {
	const { ctr } = machine.programs;
	const command = [
		"bash",
		join(SCRIPTS, "with-containerd.sh"),
		ctr,
		machine.programs.kubelet,
		...kubeletFlags(machine),
	];
	supervision.start(programName("kubelet", machine), onMachine(machine, programName("kubelet", machine), command));
}

function bootCommand(machine: Machine): CommandLine {
	const { trees } = machine.cgroups;
	const hierarchies = trees.version === 2 ? [] : trees.hierarchies.map(({ name, options }) => `${name}=${options}`);
	return {
		file: "bash",
		args: [join(SCRIPTS, "boot.sh"), ...machineFolders(machine.cgroups, machine.name)],
		env: {
			NAME: machine.name,
			ADDRESS: machine.address,
			GATEWAY: machine.gateway,
			POD_RANGE: machine.podRange,
			DIR: machine.dir,
			HIERARCHIES: hierarchies.join(" "),
			CPUS: machine.cpus.join(","),
			MEMORY_KB: String(Math.floor(machine.memoryBytes / 1024)),
		},
		log: logFile(machine.clusterDir, programName("machine", machine)),
	};
}

function containerdCommand(machine: Machine): CommandLine {
	const { containerd } = machine.programs;
	const config = join(machine.dir, "containerd.toml");
	return onMachine(machine, programName("containerd", machine), [containerd, "--config", config]);
}

/** A command beside the machine's pods. */
function onMachine(machine: Machine, name: string, command: readonly string[]): CommandLine {
	const cgroups = machineFolders(machine.cgroups, machine.name).join(" ");
	const shim = join(machine.programs["containerd-shim-runc-v2"], "..");
	return {
		file: "bash",
		args: [join(SCRIPTS, "enter.sh"), machine.dir, cgroups, ...command],
		// containerd looks for its shim on the PATH.
		env: { PATH: `${shim}:${process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"}` },
		log: logFile(machine.clusterDir, name),
	};
}

function kubeletFlags(machine: Machine): readonly string[] {
	const labels = Object.entries(machine.labels).map(([key, value]) => `${key}=${value}`);
	return [
		`--config=${join(machine.dir, "kubelet.yaml")}`,
		`--kubeconfig=${kubeletKubeconfig(machine)}`,
		`--root-dir=${join(machine.dir, "kubelet")}`,
		`--cert-dir=${join(machine.dir, "pki")}`,
		`--hostname-override=${machine.name}`,
		`--node-ip=${machine.address}`,
		...(labels.length === 0 ? [] : [`--node-labels=${labels.join(",")}`]),
		// With the usual ten seconds a rate needs half a minute to notice a change.
		"--housekeeping-interval=1s",
	];
}
