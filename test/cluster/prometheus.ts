import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ScrapeTarget } from "./types.ts";

/** Prometheus' configuration file in the cluster's folder. */
export async function writePrometheusConfig(
	dir: string,
	scrapeIntervalSeconds: number,
	targets: readonly ScrapeTarget[],
): Promise<void> {
	await writeFile(join(dir, "prometheus.yaml"), prometheusConfig(scrapeIntervalSeconds, targets));
}

/** Its text; targets of the same job share one scrape_config. */
export function prometheusConfig(scrapeIntervalSeconds: number, targets: readonly ScrapeTarget[]): string {
	const interval = `${Math.round(scrapeIntervalSeconds * 1000)}ms`;
	const jobs = Map.groupBy(targets, (target) => target.job);
	return stringify({
		global: { scrape_interval: interval, scrape_timeout: interval },
		// Lets tests write history although newer samples exist.
		storage: { tsdb: { out_of_order_time_window: "3h" } },
		scrape_configs: [...jobs].map(([job, ofJob]) => ({
			job_name: job,
			// One page speaks for many nodes and pods: its own `instance` labels must survive.
			honor_labels: true,
			static_configs: ofJob.map(({ address, labels }) => ({ targets: [address], labels: labels ?? {} })),
		})),
	});
}

/** Resolves when Prometheus answers queries. */
export async function isPrometheusReady(url: string): Promise<boolean> {
	const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2000) });
	return response.ok;
}

/** Makes Prometheus read its configuration file again; rejects when it does not like it. */
export async function reloadPrometheus(url: string): Promise<void> {
	const response = await fetch(`${url}/-/reload`, { method: "POST", signal: AbortSignal.timeout(10_000) });
	if (!response.ok) throw new Error(`Prometheus refuses its configuration: ${(await response.text()).trim()}`);
}
