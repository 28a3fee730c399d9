import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../cluster/programs/run.ts";
import type { CgroupTrees } from "./computer.ts";

/** Above the time that the kernel lets a group run at once, and short: with 100 ms a slow machine looks fast under light load. */
const PERIOD_MICROSECONDS = 5000;
/** The least quota that the kernel takes. */
const LEAST_QUOTA_MICROSECONDS = 1000;

/** The groups of one cluster, named so that what another process left behind is recognised. */
export interface Cgroups {
	readonly trees: CgroupTrees;
	readonly name: string;
}

let count = 0;

/** A name that no living process has used: it tells whose it is. */
export async function ownCgroupName(): Promise<string> {
	count += 1;
	return `kubectl-qos-${process.pid}-${await startTime(process.pid)}-${count}`;
}

/** In clock ticks since boot, the other half of a process' identity; `undefined` when there is no such process. */
async function startTime(pid: number | string): Promise<string | undefined> {
	try {
		const stat = await readFile(`/proc/${pid}/stat`, "utf8");
		// The second field is a name in parentheses that may hold spaces.
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
	} catch {
		return undefined;
	}
}

/** Where the trees are mounted. */
function roots(trees: CgroupTrees): readonly string[] {
	return trees.version === 2 ? [trees.folder] : trees.hierarchies.map(({ folder }) => folder);
}

/** The cluster's folder in every tree. */
export function clusterFolders({ trees, name }: Cgroups): readonly string[] {
	return roots(trees).map((root) => join(root, name));
}

/** A machine's folder in every tree. */
export function machineFolders(cgroups: Cgroups, machine: string): readonly string[] {
	return clusterFolders(cgroups).map((folder) => join(folder, machine));
}

/** Folder of a machine in the tree that has the controller. */
export function controllerFolder({ trees, name }: Cgroups, machine: string, controller: string): string {
	const root =
		trees.version === 2
			? trees.folder
			: trees.hierarchies.find((hierarchy) => hierarchy.name.split(",").includes(controller))?.folder;
	if (root === undefined) throw new Error(`no cgroup hierarchy has the controller ${controller}`);
	return join(root, name, machine);
}

/** Makes the cluster's groups, after removing those whose owner has gone. */
export async function createCgroups(cgroups: Cgroups): Promise<void> {
	await removeAbandoned(cgroups.trees);
	const { trees } = cgroups;
	for (const folder of clusterFolders(cgroups)) {
		await mkdir(folder);
		if (trees.version === 2) await enableControllers(trees.folder, folder);
		else if (existsSync(join(folder, "cpuset.cpus"))) await inheritCpus(folder);
		await preferTo(folder);
	}
}

/** What else runs on the computer must not make machines slower than their speed, or only when there is no other way. */
async function preferTo(folder: string): Promise<void> {
	for (const [file, weight] of [
		["cpu.shares", "10240"],
		["cpu.weight", "1000"],
	] as const) {
		if (existsSync(join(folder, file))) await writeFile(join(folder, file), weight);
	}
}

/** v1's groups have no CPUs and memory nodes of their own, and take no process without. */
async function inheritCpus(folder: string): Promise<void> {
	for (const file of ["cpuset.cpus", "cpuset.mems"]) {
		await writeFile(join(folder, file), await readFile(join(folder, "..", file)));
	}
	await writeFile(join(folder, "cgroup.clone_children"), "1");
}

const V2_CONTROLLERS = "+cpu +cpuset +memory +pids +io";

async function enableControllers(...folders: readonly string[]): Promise<void> {
	for (const folder of folders) {
		await writeFile(join(folder, "cgroup.subtree_control"), V2_CONTROLLERS).catch((error: unknown) => {
			throw new Error(
				`cgroup v2: ${folder} cannot hand down ${V2_CONTROLLERS} (${String(error)}): in a container, move its processes into a group of their own first`,
				{ cause: error },
			);
		});
	}
}

async function removeAbandoned(trees: CgroupTrees): Promise<void> {
	const abandoned: string[] = [];
	for (const folder of await foldersOfClusters(trees)) {
		const [, pid = "", start] = /^kubectl-qos-(\d+)-(\d+)-/.exec(basename(folder)) ?? [];
		if ((await startTime(pid)) !== start) abandoned.push(folder);
	}
	if (abandoned.length > 0)
		await run("bash", [join(import.meta.dirname, "scripts", "remove-cgroups.sh"), ...abandoned]);
}

/** The groups of all clusters of this computer, in all trees. */
export async function foldersOfClusters(trees: CgroupTrees): Promise<readonly string[]> {
	const found = roots(trees).map(async (root) => {
		const entries = await readdir(root);
		return entries.filter((entry) => /^kubectl-qos-\d+-\d+-\d+$/.test(entry)).map((entry) => join(root, entry));
	});
	return (await Promise.all(found)).flat();
}

/**
 * What the pods of a machine get together. Rejects on cgroup v1 when a pod's own limit is higher.
 * @param speed CPUs
 */
export async function limitPods(cgroups: Cgroups, machine: string, speed: number): Promise<void> {
	const folder = join(controllerFolder(cgroups, machine, "cpu"), "pods");
	const period = Math.max(PERIOD_MICROSECONDS, Math.ceil(LEAST_QUOTA_MICROSECONDS / speed));
	const quota = Math.round(speed * period);
	try {
		if (cgroups.trees.version === 2) await writeFile(join(folder, "cpu.max"), `${quota} ${period}`);
		else await limitVersion1(folder, { quota: String(quota), period: String(period) });
	} catch (error) {
		throw new Error(
			`the speed of ${machine} cannot be ${speed} (${String(error)}): with cgroup v1 no pod there may have a higher CPU limit`,
			{ cause: error },
		);
	}
}

/** Quota and period are two files, and no pair in between may be below the limit of a pod. */
async function limitVersion1(folder: string, wanted: { quota: string; period: string }): Promise<void> {
	const [quotaFile, periodFile] = [join(folder, "cpu.cfs_quota_us"), join(folder, "cpu.cfs_period_us")];
	const former = { quota: await readFile(quotaFile, "utf8"), period: await readFile(periodFile, "utf8") };
	async function write({ quota, period }: typeof wanted): Promise<void> {
		await writeFile(quotaFile, "-1");
		await writeFile(periodFile, period);
		await writeFile(quotaFile, quota);
	}
	await write(wanted).catch(async (error: unknown) => {
		await write(former);
		throw error;
	});
}

/** Keeps the pods of a machine on its CPUs. */
export async function pinPods(cgroups: Cgroups, machine: string, cpus: readonly number[]): Promise<void> {
	await writeFile(join(controllerFolder(cgroups, machine, "cpuset"), "pods", "cpuset.cpus"), cpus.join(","));
}

/** Kills all processes of a machine. */
export async function killMachineProcesses(cgroups: Cgroups, machine: string): Promise<void> {
	const folder = controllerFolder(cgroups, machine, "cpu");
	// One that forks meanwhile is found in the next round.
	for (let left = await processesIn(folder); left.length > 0; left = await processesIn(folder)) {
		for (const pid of left) killIfThere(pid);
	}
}

/** Kills the processes that a pod has now; resolves to how many they were. @param uid of the pod */
export async function killPodProcesses(cgroups: Cgroups, machine: string, uid: string): Promise<number> {
	const pids = await processesIn(controllerFolder(cgroups, machine, "cpu"), `/pod${uid}/`);
	for (const pid of pids) killIfThere(pid);
	return pids.length;
}

/** Those in the groups below a folder whose paths contain a text. */
async function processesIn(folder: string, containing = ""): Promise<readonly number[]> {
	const entries = await readdir(folder, { recursive: true }).catch(() => []);
	const files = entries.filter((entry) => entry.endsWith("cgroup.procs") && entry.includes(containing));
	const lists = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8").catch(() => "")));
	return lists.flatMap((list) => list.split("\n").filter((line) => line !== "")).map(Number);
}

function killIfThere(pid: number): void {
	try {
		// 0 is a process that this one cannot see.
		if (pid > 0) process.kill(pid, "SIGKILL");
	} catch {
		// Already gone.
	}
}
