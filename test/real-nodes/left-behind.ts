import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { foldersOfClusters } from "./cgroups.ts";
import { cgroupTrees } from "./computer.ts";

/** What identifies the traces of a cluster. */
export interface Traces {
	/** The process that started it. */
	readonly owner: number;
	/** Its folder; temporary folders are to be gone. */
	readonly dir: string;
	readonly isTemporary: boolean;
	/** The address that this process had in its network. */
	readonly hostAddress: string;
}

/** Everything on this computer that a cluster should have removed, in one line each. */
export async function leftBehind({ owner, dir, isTemporary, hostAddress }: Traces): Promise<readonly string[]> {
	const left: string[] = [];
	for (const entry of await readdir("/proc")) {
		if (!/^\d+$/.test(entry) || entry === String(process.pid)) continue;
		const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
		if (command.includes(dir)) left.push(`process ${entry}: ${command.replaceAll("\0", " ")}`);
	}
	const mounts = await readFile("/proc/self/mounts", "utf8");
	const ofDir = mounts.split("\n").filter((line) => line.includes(dir));
	left.push(...ofDir.map((line) => `mount ${line}`));
	const trees = cgroupTrees(mounts);
	const groups = trees === undefined ? [] : await foldersOfClusters(trees);
	left.push(...groups.filter((group) => group.includes(`/kubectl-qos-${owner}-`)).map((group) => `cgroup ${group}`));
	const addresses = Object.values(networkInterfaces()).flatMap((infos = []) => infos.map(({ address }) => address));
	if (addresses.includes(hostAddress)) left.push(`address ${hostAddress}`);
	if (isTemporary ? existsSync(dir) : existsSync(`${dir}/machines`)) left.push(`folder ${dir}`);
	return left;
}
