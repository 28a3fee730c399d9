import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../cluster/programs/run.ts";
import { allowedCpus, type CgroupTrees, cgroupTrees } from "./computer.ts";

/** What a computer that can hold machines has. */
export interface Equipment {
	readonly trees: CgroupTrees;
	readonly runc: string;
	/** Folder of CNI's plugins. */
	readonly cniPlugins: string;
	readonly cpus: readonly number[];
}

/** Debian keeps them in the first, everybody else in the second. */
const CNI_FOLDERS = ["/usr/lib/cni", "/opt/cni/bin"];
const CNI_PLUGINS = ["bridge", "host-local", "loopback"];

/** A command and the Debian package that holds it. */
const COMMANDS = [
	{ command: "runc", debianPackage: "runc" },
	{ command: "ip", debianPackage: "iproute2" },
	{ command: "nsenter", debianPackage: "util-linux" },
	{ command: "unshare", debianPackage: "util-linux" },
] as const;

const LEAST_CPUS = 2;

/** Bits of /proc/self/status: without them namespaces, cgroups and links are refused. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_CHROOT: 18, CAP_SYS_PTRACE: 19, CAP_SYS_ADMIN: 21 };

/** What this computer has, or one line for each thing that it lacks and how to come by it. */
export async function surveyComputer(): Promise<
	{ readonly equipment: Equipment } | { readonly lacks: readonly string[] }
> {
	const packages = await missingPackages();
	const trees = cgroupTrees(readFileSync("/proc/self/mounts", "utf8"));
	const lacks = [...kernelLacks(trees)];
	if (packages.length > 0) lacks.push(`not installed: ${packages.join(", ")} (apt-get install ${packages.join(" ")})`);
	// These need the commands.
	if (lacks.length === 0) lacks.push(...(await refusals()));
	if (lacks.length > 0 || trees === undefined) return { lacks };
	const runc = await pathOf("runc");
	return { equipment: { trees, runc: runc ?? "runc", cniPlugins: cniFolder() ?? "", cpus: allowedCpus() } };
}

/** Why tests on real nodes are skipped here; empty when they run. Says so on stderr. */
export async function whyNoRealNodes(): Promise<string> {
	const survey = await surveyComputer();
	if (!("lacks" in survey)) return "";
	const why = survey.lacks.join("; ");
	console.error(`real nodes: skipped, this computer lacks ${why}`);
	return why;
}

/** Installs Debian's packages that are missing, where this process may. What it cannot install is told by a survey. */
export async function installMissingPackages(say: (line: string) => void): Promise<void> {
	const packages = await missingPackages();
	const mayInstall = process.getuid?.() === 0 && (await pathOf("apt-get")) !== undefined;
	if (packages.length === 0 || !mayInstall) return;
	say(`installing ${packages.join(", ")} for tests on real nodes (apt-get)`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const install = ["install", "--yes", "--quiet", "--no-install-recommends", ...packages];
	if ((await run("apt-get", install, { env })).code === 0) return;
	await run("apt-get", ["update", "--quiet"], { env });
	const { code, stderr } = await run("apt-get", install, { env });
	if (code !== 0) say(`apt-get could not install them: ${stderr.trim().split("\n").at(-1) ?? ""}`);
}

async function missingPackages(): Promise<readonly string[]> {
	const missing = new Set<string>();
	for (const { command, debianPackage } of COMMANDS) {
		if ((await pathOf(command)) === undefined) missing.add(debianPackage);
	}
	if (cniFolder() === undefined) missing.add("containernetworking-plugins");
	return [...missing];
}

function cniFolder(): string | undefined {
	return CNI_FOLDERS.find((folder) => CNI_PLUGINS.every((plugin) => existsSync(join(folder, plugin))));
}

async function pathOf(command: string): Promise<string | undefined> {
	// Folders of administrators are not on every PATH.
	const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
	return folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
}

function kernelLacks(trees: CgroupTrees | undefined): readonly string[] {
	const lacks: string[] = [];
	if (process.platform !== "linux") return ["Linux: containers run on nothing else"];
	if (process.getuid?.() !== 0) lacks.push("root: namespaces and cgroups of machines are made by root alone");
	const missing = missingCapabilities(readFileSync("/proc/self/status", "utf8"));
	if (missing.length > 0) lacks.push(`capabilities ${missing.join(", ")} (in a container: run it privileged)`);
	if (allowedCpus().length < LEAST_CPUS)
		lacks.push(`${LEAST_CPUS} CPUs: machines of different speed and the servers share them`);
	if (trees === undefined) lacks.push("cgroups of version 1 (cpu, cpuacct, cpuset, memory) or 2 at /sys/fs/cgroup");
	if (!/\toverlay$/m.test(readFileSync("/proc/filesystems", "utf8"))) {
		lacks.push("the file system overlay (modprobe overlay)");
	}
	return lacks;
}

/** Names of those that the effective set lacks. */
export function missingCapabilities(status: string): readonly string[] {
	const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? "0"}`);
	return Object.entries(CAPABILITIES)
		.filter(([, bit]) => (effective & (1n << BigInt(bit))) === 0n)
		.map(([name]) => name);
}

/** Tries what a container, a kernel or a security module may refuse even to root. */
async function refusals(): Promise<readonly string[]> {
	// Where machines will be: overlay does not lie on every file system.
	const folder = await mkdtemp(join(tmpdir(), "kubectl-qos-try-"));
	const script = [
		"set -e",
		"ip link add try0 type veth peer name try1",
		"ip link add try2 type bridge",
		'mkdir "$1/lower" "$1/upper" "$1/work" "$1/merged"',
		'mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"',
	].join("\n");
	const namespaces = ["--net", "--mount", "--pid", "--cgroup", "--fork", "--mount-proc", "--propagation", "private"];
	try {
		const { code, stderr } = await run("unshare", [...namespaces, "bash", "-c", script, "bash", folder]);
		if (code === 0) return [];
		return [`namespaces with veth, bridge and overlay: ${stderr.trim().split("\n").at(-1) ?? `exit code ${code}`}`];
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
