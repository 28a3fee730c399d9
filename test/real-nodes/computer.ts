import { readFileSync } from "node:fs";

/** One of cgroup v1's trees. */
export interface Hierarchy {
	/** Its controllers, "cpu,cpuacct", or the name of a tree without any. */
	readonly name: string;
	/** Where it is mounted. */
	readonly folder: string;
	/** To mount it once more. */
	readonly options: string;
}

/** How processes are grouped on this computer. */
export type CgroupTrees =
	| { readonly version: 1; readonly hierarchies: readonly Hierarchy[] }
	| { readonly version: 2; readonly folder: string };

const CONTROLLERS = [
	"cpu",
	"cpuacct",
	"cpuset",
	"memory",
	"devices",
	"freezer",
	"blkio",
	"pids",
	"hugetlb",
	"net_cls",
	"net_prio",
	"perf_event",
	"rdma",
	"misc",
];

/** What the kubelet wants to find in cgroup v1. */
const NEEDED = ["cpu", "cpuacct", "cpuset", "memory"];

/**
 * The trees of /proc/self/mounts; `undefined` when neither version could hold a machine. A computer with v1 may have
 * a tree of v2 without controllers beside it.
 */
export function cgroupTrees(mounts: string): CgroupTrees | undefined {
	const lines = mounts.split("\n").map((line) => line.split(" "));
	const hierarchies = lines
		.filter(([, , type]) => type === "cgroup")
		.map(([, folder = "", , options = ""]) => hierarchyOf(folder, options.split(",")));
	const controllers = new Set(hierarchies.flatMap(({ name }) => name.split(",")));
	if (NEEDED.every((name) => controllers.has(name))) return { version: 1, hierarchies };
	const unified = lines.find(([, folder, type]) => type === "cgroup2" && folder === "/sys/fs/cgroup");
	return unified === undefined ? undefined : { version: 2, folder: "/sys/fs/cgroup" };
}

function hierarchyOf(folder: string, options: readonly string[]): Hierarchy {
	const name = options.find((option) => option.startsWith("name="));
	if (name !== undefined) return { name: name.slice("name=".length), folder, options: `none,${name}` };
	const controllers = options.filter((option) => CONTROLLERS.includes(option)).join(",");
	return { name: controllers, folder, options: controllers };
}

/** The CPUs that this process may use, ascending. */
export function allowedCpus(): readonly number[] {
	const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
	return parseCpuList(list);
}

/** From "0-2,5". */
export function parseCpuList(list: string): readonly number[] {
	return list.split(",").flatMap((range) => {
		const [first = 0, last = first] = range.split("-").map(Number);
		return Array.from({ length: last - first + 1 }, (_, index) => first + index);
	});
}

/**
 * The CPUs of each machine, such that the busiest CPU has as little to do as possible: a machine of speed 0.4 has one
 * of them, one of speed 1.5 has two. Machines may share.
 */
export function shareCpus(speeds: readonly number[], cpus: readonly number[]): readonly (readonly number[])[] {
	const load = new Map(cpus.map((cpu) => [cpu, 0]));
	const shares: (readonly number[])[] = speeds.map(() => []);
	const fastestFirst = [...speeds.entries()].toSorted(([, left], [, right]) => right - left);
	for (const [index, speed] of fastestFirst) {
		const count = Math.min(cpus.length, Math.max(1, Math.ceil(speed)));
		const idlest = [...load].toSorted(([, left], [, right]) => left - right).slice(0, count);
		for (const [cpu, used] of idlest) load.set(cpu, used + speed / count);
		shares[index] = idlest.map(([cpu]) => cpu).toSorted((left, right) => left - right);
	}
	return shares;
}
