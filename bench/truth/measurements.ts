import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import { metricCatalogue } from "../../src/config/catalogue.ts";
import type { MetricSample } from "../../src/core/metrics/metric.ts";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { CATALOGUE } from "./installation.ts";
import { TIMES } from "./manifests.ts";
import type { PolicyName } from "./recording.ts";

const TIMEOUT_SECONDS = 30;
/** Measurements from before the script that the first predictions rest on. */
const BEFORE_SECONDS = 60;

/** The metrics that the controller reads, by the same queries. */
export const METRICS = metricCatalogue.parse(CATALOGUE);

/** Saves what Prometheus has of the run for the controller, every metric at every step. */
export async function saveMeasurements(
	{ prometheusUrl }: Pick<RealCluster, "prometheusUrl">,
	{ folder, policy, startedAt }: { readonly folder: string; readonly policy: PolicyName; readonly startedAt: number },
): Promise<void> {
	const source = new PrometheusMetricsSource({
		client: new PrometheusClient({ url: prometheusUrl, timeout: TIMEOUT_SECONDS }),
		catalogue: METRICS,
		stepSeconds: TIMES.step,
		// Pods that are gone cannot be asked for their Deployment: NAME-HASH-SUFFIX.
		resolvePod: (namespace, pod) => ({ workload: `${namespace}/${pod.replace(/-[^-]+-[^-]+$/, "")}` }),
	});
	const now = Date.now();
	const { samples, failures } = await source.collect((now - startedAt) / 1000 + BEFORE_SECONDS, now);
	for (const { metric, message } of failures) console.error(`${metric} is missing: ${message}`);
	await writeFile(fileOf(folder, policy), `${JSON.stringify(samples)}\n`);
}

/** What `saveMeasurements` wrote, the oldest first. */
export async function loadMeasurements(folder: string, policy: PolicyName): Promise<readonly MetricSample[]> {
	const samples = JSON.parse(await readFile(fileOf(folder, policy), "utf8")) as MetricSample[];
	return samples.toSorted((left, right) => left.at - right.at);
}

function fileOf(folder: string, policy: PolicyName): string {
	return join(folder, `${policy}-metrics.json`);
}
