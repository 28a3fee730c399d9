import { z } from "zod";
import { PrometheusClient } from "../../src/adapters/prometheus/client.ts";
import { PrometheusMetricsSource } from "../../src/adapters/prometheus/source.ts";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { TIMES } from "../truth/manifests.ts";
import { METRICS } from "../truth/measurements.ts";
import { HORIZON_SECONDS, type Moment, type Seen } from "./recording.ts";

/** Steps of a window, as the controller ships. */
export const STEPS = 10;
export const STEP_SECONDS = TIMES.step;

/** Numbers of the cluster's Prometheus. */
export class Telemetry {
	private readonly url: string;
	private readonly source: PrometheusMetricsSource;

	constructor({ prometheusUrl }: Pick<RealCluster, "prometheusUrl">) {
		this.url = prometheusUrl;
		this.source = new PrometheusMetricsSource({
			client: new PrometheusClient({ url: prometheusUrl, timeout: 5 }),
			catalogue: METRICS,
			stepSeconds: STEP_SECONDS,
			resolvePod: (namespace, pod) => ({ workload: `${namespace}/${pod}` }),
		});
	}

	/** What the controller would know now. Rejects when a metric has no answer. */
	async moment(): Promise<Moment> {
		const now = Date.now();
		const { samples, failures } = await this.source.collect(STEPS * STEP_SECONDS, now);
		const [failure] = failures;
		if (failure) throw new Error(failure.message);
		return { now, samples };
	}

	/** What a pod did over the last horizon. */
	async deeds(pod: string): Promise<Pick<Seen, "latency" | "cpu" | "throttled">> {
		const over = (counter: string): string => `increase(${counter}{pod="${pod}"}[${HORIZON_SECONDS}s])`;
		const container = (counter: string): string =>
			`sum(increase(${counter}{pod="${pod}",container="app"}[${HORIZON_SECONDS}s]))`;
		const [latency, cpu, throttled] = await Promise.all([
			this.value(`${over("http_request_duration_seconds_sum")} / ${over("http_request_duration_seconds_count")}`),
			this.value(`${container("container_cpu_usage_seconds_total")} / ${HORIZON_SECONDS}`),
			this.value(
				`${container("container_cpu_cfs_throttled_periods_total")} / ${container("container_cpu_cfs_periods_total")}`,
			),
		]);
		return { latency, cpu: cpu ?? Number.NaN, throttled };
	}

	/** `null`: there is none. */
	private async value(query: string): Promise<number | null> {
		const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`);
		const { data } = answerSchema.parse(await response.json());
		const value = data.result[0]?.value[1] ?? Number.NaN;
		return Number.isFinite(value) ? value : null;
	}
}

const answerSchema = z.object({
	data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.coerce.number()]) })) }),
});
