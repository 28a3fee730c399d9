import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ApiClient } from "../cluster/api-client.ts";
import type { Machine } from "./machine.ts";

const NAMESPACE = "monitoring";
const ACCOUNT = "prometheus";
/** Of the stand-in for node_exporter. */
export const EXPORTER_PORT = 9100;
/** cAdvisor looks at containers this often at most, and rendering its page takes a slow machine a while. */
const LEAST_KUBELET_INTERVAL_SECONDS = 2;

/** Everything that tells Prometheus where to look. */
export interface Scraping {
	readonly dir: string;
	readonly apiServerUrl: string;
	readonly exporterAddress: string;
	readonly machines: readonly Pick<Machine, "name" | "address">[];
	/** Seconds. */
	readonly interval: number;
}

/** A ServiceAccount that may read what Prometheus needs, as charts for Prometheus make it; returns its token. */
export async function createPrometheusAccount(api: ApiClient): Promise<string> {
	const rbac = "/apis/rbac.authorization.k8s.io/v1";
	const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
	const create = (path: string, body: object): Promise<string> => api.send({ method: "POST", path, body });
	await create("/api/v1/namespaces", { metadata: { name: NAMESPACE } });
	await create(accounts, { metadata: { name: ACCOUNT } });
	await create(`${rbac}/clusterroles`, {
		metadata: { name: ACCOUNT },
		rules: [
			{ apiGroups: [""], resources: ["nodes", "pods", "services", "endpoints"], verbs: ["get", "list", "watch"] },
			{ apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
		],
	});
	await create(`${rbac}/clusterrolebindings`, {
		metadata: { name: ACCOUNT },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ACCOUNT },
		subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace: NAMESPACE }],
	});
	const answer = await create(`${accounts}/${ACCOUNT}/token`, { spec: { expirationSeconds: 86_400 } });
	const request: { status: { token: string } } = JSON.parse(answer);
	return request.status.token;
}

/** Writes the configuration and the token that it names. */
export async function writeScraping(scraping: Scraping, token: string): Promise<void> {
	await writeFile(join(scraping.dir, "prometheus.token"), token, { mode: 0o600 });
	await writeFile(join(scraping.dir, "prometheus.yaml"), scrapingConfiguration(scraping));
}

/** Prometheus' configuration: jobs and labels as kube-prometheus-stack gives them. */
export function scrapingConfiguration(scraping: Scraping): string {
	const seconds = (value: number): string => `${Math.round(value * 1000)}ms`;
	const kubelet = seconds(Math.max(scraping.interval, LEAST_KUBELET_INTERVAL_SECONDS));
	return stringify(
		{
			global: { scrape_interval: seconds(scraping.interval), scrape_timeout: seconds(scraping.interval) },
			storage: { tsdb: { out_of_order_time_window: "3h" } },
			scrape_configs: [
				kubeletJob(scraping, { job: "cadvisor", path: "/metrics/cadvisor", interval: kubelet, keep: ".+" }),
				// It repeats cAdvisor's series of containers: a sum over them would count twice.
				kubeletJob(scraping, { job: "resource", path: "/metrics/resource", interval: kubelet, keep: "node_.+" }),
				exporterJob(scraping),
				podJob(scraping),
			],
		},
		{ aliasDuplicateObjects: false },
	);
}

function credentials({ dir }: Scraping): object {
	return { authorization: { credentials_file: join(dir, "prometheus.token") } };
}

function discovery(scraping: Scraping, role: "node" | "pod"): object {
	return {
		role,
		api_server: scraping.apiServerUrl,
		...credentials(scraping),
		tls_config: { ca_file: join(scraping.dir, "certs", "apiserver.crt") },
	};
}

interface KubeletJob {
	readonly job: string;
	readonly path: string;
	readonly interval: string;
	/** Names of the metrics that are kept. */
	readonly keep: string;
}

function kubeletJob(scraping: Scraping, { job, path, interval, keep }: KubeletJob): object {
	return {
		job_name: job,
		scheme: "https",
		metrics_path: path,
		scrape_interval: interval,
		scrape_timeout: interval,
		honor_labels: true,
		...credentials(scraping),
		// Kubelets sign their certificates themselves.
		tls_config: { insecure_skip_verify: true },
		kubernetes_sd_configs: [discovery(scraping, "node")],
		relabel_configs: [
			{ source_labels: ["__meta_kubernetes_node_name"], target_label: "node" },
			{ source_labels: ["__address__"], target_label: "instance" },
			{ source_labels: ["__metrics_path__"], target_label: "metrics_path" },
			{ target_label: "job", replacement: "kubelet" },
		],
		metric_relabel_configs: [{ source_labels: ["__name__"], action: "keep", regex: keep }],
	};
}

function exporterJob({ exporterAddress, machines }: Scraping): object {
	return {
		job_name: "node-exporter",
		// A machine without power has no numbers, although its last ones say when they were read.
		track_timestamps_staleness: true,
		static_configs: machines.map(({ name, address }) => ({
			targets: [exporterAddress],
			labels: { __metrics_path__: `/${name}`, instance: `${address}:${EXPORTER_PORT}` },
		})),
	};
}

function podJob(scraping: Scraping): object {
	const annotation = (name: string): string => `__meta_kubernetes_pod_annotation_prometheus_io_${name}`;
	const copy = (source: string, label: string): object => ({
		source_labels: [`__meta_kubernetes_${source}`],
		target_label: label,
	});
	return {
		job_name: "pods",
		kubernetes_sd_configs: [discovery(scraping, "pod")],
		relabel_configs: [
			{ source_labels: [annotation("scrape")], action: "keep", regex: "true" },
			{ source_labels: ["__meta_kubernetes_pod_phase"], action: "keep", regex: "Running" },
			{ source_labels: [annotation("path")], regex: "(.+)", target_label: "__metrics_path__" },
			{
				source_labels: ["__meta_kubernetes_pod_ip", annotation("port")],
				separator: ":",
				regex: "(.+:.+)",
				target_label: "__address__",
			},
			copy("namespace", "namespace"),
			copy("pod_name", "pod"),
			copy("pod_node_name", "node"),
		],
	};
}
