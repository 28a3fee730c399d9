import type { NodeCounters, PodCounters } from "./counters.ts";

/** One sample line: its labels and value; a family is written in one piece, as the text format wants it. */
type Line = readonly [labels: string, value: number];

interface Family {
	readonly name: string;
	readonly type: "counter" | "gauge";
}

/** Of what the exporter counts per CPU, the share in user mode. */
const USER_SHARE = 0.7;

/**
 * The page that Prometheus scrapes, in its text format: node_exporter and cAdvisor per node, and the
 * instrumented apps. It speaks for all of them at once, so the scrape needs `honor_labels: true`.
 */
export function metricsPage(nodes: Iterable<NodeCounters>, pods: Iterable<PodCounters>): string {
	const measured = [...nodes].filter(({ cores }) => cores > 0);
	return [...nodePage(measured), ...podPage([...pods])].join("");
}

function nodePage(nodes: readonly NodeCounters[]): string[] {
	const labelled = nodes.map((node) => ({
		node,
		labels: `instance="${escape(node.name)}",node="${escape(node.name)}"`,
	}));
	function perNode(extra: string, read: (node: NodeCounters) => number): Line[] {
		return labelled.map(({ node, labels }) => [extra + labels, read(node)]);
	}
	return [
		family(
			{ name: "node_uname_info", type: "gauge" },
			labelled.map(({ node, labels }) => [`nodename="${escape(node.name)}",${labels}`, 1]),
		),
		family(
			{ name: "node_cpu_seconds_total", type: "counter" },
			labelled.flatMap(({ node, labels }) => cpuLines(node, labels)),
		),
		family(
			{ name: "node_memory_MemTotal_bytes", type: "gauge" },
			perNode("", (node) => node.memoryTotal),
		),
		family(
			{ name: "node_memory_MemAvailable_bytes", type: "gauge" },
			perNode("", (node) => node.memoryTotal - node.memoryUsed),
		),
		family(
			{ name: "node_disk_read_bytes_total", type: "counter" },
			perNode('device="vda",', (node) => node.diskBytes / 2),
		),
		family(
			{ name: "node_disk_written_bytes_total", type: "counter" },
			perNode('device="vda",', (node) => node.diskBytes / 2),
		),
		family(
			{ name: "node_network_receive_bytes_total", type: "counter" },
			perNode('device="eth0",', (node) => node.networkBytes / 2),
		),
		family(
			{ name: "node_network_transmit_bytes_total", type: "counter" },
			perNode('device="eth0",', (node) => node.networkBytes / 2),
		),
		family(
			{ name: "node_rapl_package_joules_total", type: "counter" },
			perNode('index="0",', (node) => node.joules),
		),
	];
}

function cpuLines(node: NodeCounters, labels: string): Line[] {
	const cpus = Math.max(1, Math.round(node.cores));
	const busy = node.busySeconds / cpus;
	const idle = node.idleSeconds / cpus;
	const lines: Line[] = [];
	for (let cpu = 0; cpu < cpus; cpu++) {
		lines.push(
			[`cpu="${cpu}",mode="idle",${labels}`, idle],
			[`cpu="${cpu}",mode="system",${labels}`, busy * (1 - USER_SHARE)],
			[`cpu="${cpu}",mode="user",${labels}`, busy * USER_SHARE],
		);
	}
	return lines;
}

function podPage(pods: readonly PodCounters[]): string[] {
	function perPod(extra: string, of: readonly PodCounters[], read: (pod: PodCounters) => number): Line[] {
		return of.map((pod) => [
			`${extra}namespace="${escape(pod.namespace)}",pod="${escape(pod.name)}",node="${escape(pod.node)}"`,
			read(pod),
		]);
	}
	const video = pods.filter(({ hasFrames }) => hasFrames);
	return [
		family(
			{ name: "container_cpu_usage_seconds_total", type: "counter" },
			perPod('container="app",cpu="total",', pods, (pod) => pod.cpuSeconds),
		),
		family(
			{ name: "http_request_duration_seconds_sum", type: "counter" },
			perPod("", pods, (pod) => pod.requestSeconds),
		),
		family(
			{ name: "http_request_duration_seconds_count", type: "counter" },
			perPod("", pods, (pod) => pod.requests),
		),
		family(
			{ name: "app_frames_total", type: "counter" },
			perPod("", video, (pod) => pod.frames),
		),
	];
}

function family({ name, type }: Family, lines: readonly Line[]): string {
	if (lines.length === 0) return "";
	let text = `# TYPE ${name} ${type}\n`;
	for (const [labels, value] of lines) text += `${name}{${labels}} ${value}\n`;
	return text;
}

function escape(text: string): string {
	return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
