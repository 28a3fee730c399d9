import { readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";

/** Where the numbers of one machine are found. */
export interface MachineSource {
	/** Name of the machine, and of its link in the servers' network. */
	readonly name: string;
	readonly memoryBytes: number;
	/** The group of its pods, by controller. */
	readonly cpu: string;
	readonly cpuacct: string;
	readonly memory: string;
	readonly blkio: string;
	readonly version: 1 | 2;
}

/** What a machine has used since it was switched on. */
export interface Readings {
	/**
	 * Seconds of CPU. The kernel knows this sum to the nanosecond; its parts for users and system it only guesses at every
	 * tick, which with the short periods of these machines comes out a tenth too high.
	 */
	readonly cpu: number;
	/** CPUs that its pods may use together. */
	readonly speed: number;
	/** Bytes that could not be given to another program. */
	readonly workingSet: number;
	/** Bytes, by name of the disk. */
	readonly disks: ReadonlyMap<string, { readonly read: number; readonly written: number }>;
	readonly received: number;
	readonly sent: number;
}

/** Reads one machine. Throws when it is switched off. */
export function readMachine(source: MachineSource): Readings {
	return {
		...(source.version === 1 ? cpuOfVersion1(source) : cpuOfVersion2(source)),
		workingSet: workingSet(source),
		disks: disks(source),
		...traffic(source.name),
	};
}

function read(folder: string, file: string): string {
	return readFileSync(join(folder, file), "utf8").trim();
}

function cpuOfVersion1({ cpu, cpuacct }: MachineSource): Pick<Readings, "cpu" | "speed"> {
	return {
		cpu: Number(read(cpuacct, "cpuacct.usage")) / 1e9,
		speed: Number(read(cpu, "cpu.cfs_quota_us")) / Number(read(cpu, "cpu.cfs_period_us")),
	};
}

function cpuOfVersion2({ cpu }: MachineSource): Pick<Readings, "cpu" | "speed"> {
	const stat = keyed(read(cpu, "cpu.stat"));
	const [quota, period] = read(cpu, "cpu.max").split(" ").map(Number);
	return {
		cpu: (stat.get("usage_usec") ?? Number.NaN) / 1e6,
		speed: (quota ?? Number.NaN) / (period ?? Number.NaN),
	};
}

/** As the kubelet counts it: what was read from disk and is not in use can be dropped. */
function workingSet({ memory, version }: MachineSource): number {
	const usage = Number(read(memory, version === 1 ? "memory.usage_in_bytes" : "memory.current"));
	const inactive = keyed(read(memory, "memory.stat")).get(version === 1 ? "total_inactive_file" : "inactive_file");
	return Math.max(0, usage - (inactive ?? 0));
}

function keyed(text: string): ReadonlyMap<string, number> {
	return new Map(
		text
			.split("\n")
			.map((line) => line.split(" ") as [string, string])
			.map(([key, value]) => [key, Number(value)]),
	);
}

function disks(source: MachineSource): Readings["disks"] {
	const found = new Map<string, { read: number; written: number }>();
	for (const { device, operation, bytes } of source.version === 1 ? ioOfVersion1(source) : ioOfVersion2(source)) {
		const disk = found.get(device) ?? { read: 0, written: 0 };
		disk[operation] += bytes;
		found.set(device, disk);
	}
	return found;
}

interface Io {
	readonly device: string;
	readonly operation: "read" | "written";
	readonly bytes: number;
}

/** Lines such as "254:0 Read 4096". */
function ioOfVersion1({ blkio }: MachineSource): readonly Io[] {
	return read(blkio, "blkio.throttle.io_service_bytes_recursive")
		.split("\n")
		.map((line) => line.split(" "))
		.flatMap(([numbers = "", kind, bytes]): Io[] => {
			if (kind !== "Read" && kind !== "Write") return [];
			return [{ device: deviceName(numbers), operation: kind === "Read" ? "read" : "written", bytes: Number(bytes) }];
		});
}

/** Lines such as "254:0 rbytes=4096 wbytes=0 ...". */
function ioOfVersion2({ blkio }: MachineSource): readonly Io[] {
	return read(blkio, "io.stat")
		.split("\n")
		.flatMap((line): Io[] => {
			const [, numbers = "", readBytes, writtenBytes] = /^(\d+:\d+) rbytes=(\d+) wbytes=(\d+)/.exec(line) ?? [];
			if (numbers === "") return [];
			const device = deviceName(numbers);
			return [
				{ device, operation: "read", bytes: Number(readBytes) },
				{ device, operation: "written", bytes: Number(writtenBytes) },
			];
		});
}

function deviceName(numbers: string): string {
	try {
		return basename(readlinkSync(`/sys/dev/block/${numbers}`));
	} catch {
		return numbers;
	}
}

/** What the servers' end of a machine's link sends, the machine receives. */
function traffic(link: string): Pick<Readings, "received" | "sent"> {
	const line = readFileSync("/proc/self/net/dev", "utf8")
		.split("\n")
		.find((candidate) => candidate.trim().startsWith(`${link}:`));
	const numbers = line?.split(":")[1]?.trim().split(/\s+/).map(Number) ?? [];
	return { received: numbers[8] ?? Number.NaN, sent: numbers[0] ?? Number.NaN };
}
