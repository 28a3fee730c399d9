import type { MetricQuery } from "../adapters/prometheus/query.ts";

/**
 * The metrics that ship: node_exporter and cAdvisor as kube-prometheus-stack scrapes them, and apps
 * instrumented with the common names. The simulated world serves the same names.
 *
 * node_exporter's series name a node by `instance`, which is an address in kube-prometheus-stack;
 * `node_uname_info` gives the host name, which is the node's name unless the kubelet was told another.
 */

/** Per-second increase of counters, only where one was sampled within the step. */
function rate(selector: string): string {
	return `(rate(${selector}[$window]) and last_over_time(${selector}[$step]))`;
}

function perNode(expression: string): string {
	return `${expression} * on (instance) group_left (nodename) max by (instance, nodename) (node_uname_info)`;
}

function perPod(expression: string): string {
	return `sum by (namespace, pod) (${expression})`;
}

const PHYSICAL_DISKS = '{device!~"(dm-|md|loop|ram|zram|sr|fd).*"}';
const PHYSICAL_INTERFACES =
	'{device!~"(lo|veth|cali|cni|cilium|lxc|docker|br-|virbr|flannel|vxlan|tunl|kube|dummy).*"}';

/** The kubelet's `/metrics/resource` repeats cAdvisor's series: where both are scraped, a sum would count twice. */
const CONTAINERS = '{container!="", container!="POD", pod!="", metrics_path!="/metrics/resource"}';
const BY_CONTAINER = "node, namespace, pod, container";

/** CPU use of every container. */
const CONTAINER_CPU = `sum by (${BY_CONTAINER}) (${rate(`container_cpu_usage_seconds_total${CONTAINERS}`)})`;

/** Its CPU shares in cores: what it asked for; cAdvisor says so, or else kube-state-metrics does. */
const CONTAINER_WEIGHT = [
	`max by (${BY_CONTAINER}) (last_over_time(container_spec_cpu_shares${CONTAINERS}[$window]) / 1024)`,
	`max by (${BY_CONTAINER}) (last_over_time(kube_pod_container_resource_requests{resource="cpu"}[$window]))`,
].join(" or ");

/** Sum over the containers of a node for which the comparison holds; 0 where there is none. */
function ofElastic(comparison: string): string {
	return `sum by (node) (${comparison}) or sum by (node) (0 * ${CONTAINER_CPU})`;
}

const node = { scope: "Node", kind: "Gauge", min: 0, labels: { node: "nodename" }, aggregation: "Sum" } as const;
const workload = { scope: "Workload", kind: "Gauge", min: 0, labels: {} } as const;

export const DEFAULT_CATALOGUE: readonly MetricQuery[] = [
	{
		...node,
		name: "node_cpu_usage",
		query: perNode(`sum by (instance) (${rate('node_cpu_seconds_total{mode!~"idle|iowait|steal|guest.*"}')})`),
		unit: "cores",
		max: 4096,
	},
	{
		...node,
		name: "node_cpu_elastic_usage",
		query: ofElastic(`${CONTAINER_CPU} > on (${BY_CONTAINER}) (${CONTAINER_WEIGHT})`),
		unit: "cores",
		max: 4096,
		labels: { node: "node" },
	},
	{
		...node,
		name: "node_cpu_elastic_requests",
		query: ofElastic(`(${CONTAINER_WEIGHT}) < on (${BY_CONTAINER}) ${CONTAINER_CPU}`),
		unit: "cores",
		max: 4096,
		labels: { node: "node" },
	},
	{
		...node,
		name: "node_memory_usage",
		query: perNode(
			"max by (instance) (last_over_time(node_memory_MemTotal_bytes[$step]) - last_over_time(node_memory_MemAvailable_bytes[$step]))",
		),
		unit: "bytes",
		max: 2 ** 50,
	},
	{
		...node,
		name: "node_disk_usage",
		query: perNode(
			`(sum by (instance) (${rate(`node_disk_read_bytes_total${PHYSICAL_DISKS}`)}) + sum by (instance) (${rate(`node_disk_written_bytes_total${PHYSICAL_DISKS}`)}))`,
		),
		unit: "bytes_per_second",
		max: 1e12,
	},
	{
		...node,
		name: "node_network_usage",
		query: perNode(
			`(sum by (instance) (${rate(`node_network_receive_bytes_total${PHYSICAL_INTERFACES}`)}) + sum by (instance) (${rate(`node_network_transmit_bytes_total${PHYSICAL_INTERFACES}`)}))`,
		),
		unit: "bytes_per_second",
		max: 1e12,
	},
	{
		...node,
		name: "node_power",
		query: perNode(`sum by (instance) (${rate("node_rapl_package_joules_total")})`),
		unit: "watts",
		max: 1e5,
	},
	{
		...workload,
		name: "latency",
		query: `${perPod(rate("http_request_duration_seconds_sum"))} / ${perPod(rate("http_request_duration_seconds_count"))}`,
		unit: "seconds",
		max: 3600,
		aggregation: "Mean",
	},
	{
		...workload,
		name: "fps",
		query: perPod(rate("app_frames_total")),
		unit: "frames_per_second",
		max: 1e4,
		aggregation: "Mean",
	},
	{
		...workload,
		name: "request_rate",
		query: perPod(rate("http_request_duration_seconds_count")),
		unit: "requests_per_second",
		max: 1e9,
		aggregation: "Sum",
	},
	{
		...workload,
		name: "workload_cpu_usage",
		query: perPod(rate(`container_cpu_usage_seconds_total${CONTAINERS}`)),
		unit: "cores",
		max: 4096,
		aggregation: "Sum",
	},
];
