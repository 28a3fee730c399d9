import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cgroupTrees, parseCpuList, shareCpus } from "../../real-nodes/computer.ts";
import { missingCapabilities } from "../../real-nodes/requirements.ts";

describe("cgroups of a computer", () => {
	test("version 1: every tree with its controllers, beside a tree of version 2 without any", () => {
		const mounts = [
			"cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,relatime,cpu,cpuacct 0 0",
			"cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset,clone_children 0 0",
			"cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0",
			"cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,release_agent=/lib/x,name=systemd 0 0",
			"cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0",
		];
		expect(cgroupTrees(mounts.join("\n"))).toEqual({
			version: 1,
			hierarchies: [
				{ name: "cpu,cpuacct", folder: "/sys/fs/cgroup/cpu,cpuacct", options: "cpu,cpuacct" },
				{ name: "cpuset", folder: "/sys/fs/cgroup/cpuset", options: "cpuset" },
				{ name: "memory", folder: "/sys/fs/cgroup/memory", options: "memory" },
				{ name: "systemd", folder: "/sys/fs/cgroup/systemd", options: "none,name=systemd" },
			],
		});
		expect(cgroupTrees(mounts.slice(1).join("\n")), "no cpu, and version 2 is elsewhere").toBeUndefined();
	});

	test("version 2: one tree", () => {
		const mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0";
		expect(cgroupTrees(mounts)).toEqual({ version: 2, folder: "/sys/fs/cgroup" });
		expect(cgroupTrees("proc /proc proc rw 0 0")).toBeUndefined();
	});
});

test("CPU lists as the kernel writes them", () => {
	expect(parseCpuList("0-2,5")).toEqual([0, 1, 2, 5]);
	expect(parseCpuList("3")).toEqual([3]);
});

describe("CPUs of machines", () => {
	test("the fastest machine has a CPU for itself while the others fit on the rest", () => {
		expect(shareCpus([0.8, 0.4, 0.2], [0, 1])).toEqual([[0], [1], [1]]);
		expect(shareCpus([0.2, 0.4, 0.8], [4, 7])).toEqual([[7], [7], [4]]);
		expect(shareCpus([1.5, 0.3], [0, 1, 2])).toEqual([[0, 1], [2]]);
	});

	test("every machine has as many different CPUs as its speed needs, of those that there are", () => {
		const speeds = fc.array(fc.double({ min: 0.01, max: 6, noNaN: true }), { minLength: 1, maxLength: 8 });
		const cpus = fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 8 });
		fc.assert(
			fc.property(speeds, cpus, (wanted, present) => {
				for (const [index, share] of shareCpus(wanted, present).entries()) {
					expect(share).toHaveLength(Math.min(present.length, Math.ceil(wanted[index] ?? 0)));
					expect(new Set(share).size).toBe(share.length);
					for (const cpu of share) expect(present).toContain(cpu);
				}
			}),
		);
	});
});

test("capabilities that a process lacks are named", () => {
	expect(missingCapabilities("CapEff:\t000001ffffffffff\n")).toEqual([]);
	expect(missingCapabilities("CapEff:\t00000000a80425fb\n")).toEqual([
		"CAP_NET_ADMIN",
		"CAP_SYS_PTRACE",
		"CAP_SYS_ADMIN",
	]);
});
