import { expect, test } from "vitest";
import { addIdle, page } from "../../real-nodes/exporter/page.ts";
import type { MachineSource, Readings } from "../../real-nodes/exporter/readings.ts";

const source: MachineSource = {
	name: "node-1",
	memoryBytes: 1000,
	cpu: "",
	cpuacct: "",
	memory: "",
	blkio: "",
	version: 1,
};
const readings: Readings = {
	cpu: 4,
	speed: 0.5,
	workingSet: 300,
	disks: new Map([["vda", { read: 10, written: 20 }]]),
	received: 7,
	sent: Number.NaN,
};

test("idle is what the speed allowed and was not used, at every speed that the machine has had", () => {
	const first = addIdle(undefined, readings, 0);
	const second = addIdle(first, { ...readings, cpu: 6 }, 10_000);
	expect(second.seconds).toBeCloseTo(0.5 * 10 - 2);
	const third = addIdle(second, { ...readings, cpu: 6, speed: 0.1 }, 20_000);
	expect(third.seconds).toBeCloseTo(3 + 0.1 * 10);
});

test("idle never falls: not when more was used than the speed allows, nor when the machine was switched on anew", () => {
	const first = addIdle(undefined, readings, 0);
	const busy = addIdle(first, { ...readings, cpu: 31 }, 1000);
	expect(busy.seconds).toBe(0);
	const anew = addIdle({ ...busy, seconds: 5 }, { ...readings, cpu: 0 }, 2000);
	expect(anew.seconds).toBe(5);
});

test("a page has node_exporter's names and the time of reading, and nothing that could not be read", () => {
	const text = page(source, readings, { seconds: 6, atMs: 1500, used: 4 });
	expect(text).toContain('node_cpu_seconds_total{cpu="0",mode="user"} 4 1500\n');
	expect(text).toContain('node_cpu_seconds_total{cpu="0",mode="idle"} 6 1500\n');
	expect(text).toContain("node_memory_MemTotal_bytes 1000 1500\n");
	expect(text).toContain("node_memory_MemAvailable_bytes 700 1500\n");
	expect(text).toContain('node_disk_written_bytes_total{device="vda"} 20 1500\n');
	expect(text).toContain('node_network_receive_bytes_total{device="eth0"} 7 1500\n');
	expect(text).toContain('node_uname_info{nodename="node-1",sysname="Linux"} 1 1500\n');
	expect(text).not.toContain("transmit");
});
