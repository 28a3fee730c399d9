import type { MachineSource, Readings } from "./readings.ts";

/** What a machine could have used and has not. */
export interface Idle {
	readonly seconds: number;
	readonly atMs: number;
	readonly used: number;
}

/** Idle time up to now: of each interval what the speed allowed less what was used. */
export function addIdle(before: Idle | undefined, { cpu: used, speed }: Readings, nowMs: number): Idle {
	if (before === undefined || used < before.used) return { seconds: before?.seconds ?? 0, atMs: nowMs, used };
	const possible = (speed * (nowMs - before.atMs)) / 1000;
	return { seconds: before.seconds + Math.max(0, possible - (used - before.used)), atMs: nowMs, used };
}

/**
 * A machine's page in the words of node_exporter. Samples carry the time of their reading: on a busy computer the
 * page comes late, and what is divided by the time between scrapes would be wrong by that.
 */
export function page({ name, memoryBytes }: MachineSource, readings: Readings, idle: Idle): string {
	const disks = [...readings.disks];
	const metrics: readonly Metric[] = [
		{
			name: "node_cpu_seconds_total",
			kind: "counter",
			samples: [
				{ labels: { cpu: "0", mode: "user" }, value: readings.cpu },
				{ labels: { cpu: "0", mode: "idle" }, value: idle.seconds },
			],
		},
		gauge("node_memory_MemTotal_bytes", memoryBytes),
		gauge("node_memory_MemAvailable_bytes", Math.max(0, memoryBytes - readings.workingSet)),
		{
			name: "node_disk_read_bytes_total",
			kind: "counter",
			samples: disks.map(([device, { read }]) => ({ labels: { device }, value: read })),
		},
		{
			name: "node_disk_written_bytes_total",
			kind: "counter",
			samples: disks.map(([device, { written }]) => ({ labels: { device }, value: written })),
		},
		counter("node_network_receive_bytes_total", { device: "eth0" }, readings.received),
		counter("node_network_transmit_bytes_total", { device: "eth0" }, readings.sent),
		{ name: "node_uname_info", kind: "gauge", samples: [{ labels: { nodename: name, sysname: "Linux" }, value: 1 }] },
	];
	return metrics.map((metric) => textOf(metric, idle.atMs)).join("");
}

interface Metric {
	readonly name: string;
	readonly kind: "counter" | "gauge";
	readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

function gauge(name: string, value: number): Metric {
	return { name, kind: "gauge", samples: [{ labels: {}, value }] };
}

function counter(name: string, labels: Readonly<Record<string, string>>, value: number): Metric {
	return { name, kind: "counter", samples: [{ labels, value }] };
}

function textOf({ name, kind, samples }: Metric, atMs: number): string {
	const lines = samples
		.filter(({ value }) => Number.isFinite(value))
		.map(({ labels, value }) => {
			const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`);
			return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value} ${atMs}\n`;
		});
	return lines.length === 0 ? "" : `# TYPE ${name} ${kind}\n${lines.join("")}`;
}
