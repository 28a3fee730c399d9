import { PrometheusClient } from "../src/adapters/prometheus/client.ts";
import { promql } from "../src/adapters/prometheus/query.ts";
import type { RangeSeries } from "../src/adapters/prometheus/schema.ts";
import type { HistorySource } from "./command/settings.ts";

/** Samples of one range query; Prometheus gives 11,000 at most. */
const SAMPLES_PER_QUERY = 10_000;
/** A window may start at any row: this many per step, as far as Prometheus has been scraped as often. */
const ROWS_PER_STEP = 6;
const COLUMNS = { objective: "objective", utilization: "node_cpu_utilization", rate: "fps" };
const TIMEOUT_SECONDS = 60;

type Labels = Readonly<Record<string, string>>;
/** Values by time, seconds since the epoch, of a series by its labels as text. */
type Samples = ReadonlyMap<string, { readonly labels: Labels; readonly values: Map<number, number> }>;

/**
 * The history that Prometheus has of an objective, as CSV with a workload for each series. Utilization and rate are
 * those of the series whose labels, where both have them, are the same.
 * @throws Error with one line
 */
export async function prometheusHistory(
	{ url, queries, lastSeconds, until }: Extract<HistorySource, { kind: "Prometheus" }>,
	stepSeconds: number,
): Promise<string> {
	const client = new PrometheusClient({ url, timeout: TIMEOUT_SECONDS });
	const rowSeconds = Math.max(1, stepSeconds / ROWS_PER_STEP);
	const end = Math.floor((until ?? Date.now()) / 1000 / rowSeconds) * rowSeconds;
	const span = { from: end - lastSeconds, end, rowSeconds };
	try {
		const found = new Map<string, Samples>();
		for (const [role, query] of Object.entries(queries)) {
			const samples = await rangeOf(client, promql({ query, kind: "Gauge" }, stepSeconds), span);
			if (samples.size === 0) {
				throw new Error(
					`Prometheus at ${shown(url)} has no series for the ${role} in the last ${lastSeconds / 3600} h; check --query ${role}=..., --last and --until: ${query}`,
				);
			}
			found.set(role, samples);
		}
		return csvOf(found);
	} finally {
		client.close();
	}
}

async function rangeOf(
	client: PrometheusClient,
	query: string,
	{ from, end, rowSeconds }: { readonly from: number; readonly end: number; readonly rowSeconds: number },
): Promise<Samples> {
	const samples = new Map<string, { labels: Labels; values: Map<number, number> }>();
	for (let start = from; start <= end; start += SAMPLES_PER_QUERY * rowSeconds) {
		const last = Math.min(end, start + (SAMPLES_PER_QUERY - 1) * rowSeconds);
		const series = await client.queryRange({ query, start: start * 1000, end: last * 1000, stepSeconds: rowSeconds });
		for (const one of series) add(samples, one);
	}
	return samples;
}

function add(samples: Map<string, { labels: Labels; values: Map<number, number> }>, { metric, values }: RangeSeries) {
	const { __name__: _, ...labels } = metric;
	const key = JSON.stringify(Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1)));
	const series = samples.get(key) ?? { labels, values: new Map<number, number>() };
	samples.set(key, series);
	for (const [at, value] of values) series.values.set(at, value);
}

function csvOf(found: ReadonlyMap<string, Samples>): string {
	const roles = Object.keys(COLUMNS).filter((role) => found.has(role)) as (keyof typeof COLUMNS)[];
	const lines = [["timestamp", "workload", ...roles.map((role) => COLUMNS[role])].join(",")];
	for (const { labels, values } of found.get("objective")?.values() ?? []) {
		const name = nameOf(labels);
		const series = roles.map((role) => (role === "objective" ? values : matching(found.get(role), labels)));
		for (const at of [...values.keys()].toSorted((left, right) => left - right)) {
			lines.push([at, name, ...series.map((one) => one?.get(at) ?? "")].join(","));
		}
	}
	return `${lines.join("\n")}\n`;
}

/** As one field of CSV. */
function nameOf(labels: Labels): string {
	const known = [labels["namespace"], labels["workload"] ?? labels["deployment"] ?? labels["pod"]].filter(Boolean);
	const text = known.length > 0 ? known.join("/") : Object.values(labels).join("/");
	return `"${text.replaceAll('"', '""')}"`;
}

/** The one series that contradicts no label. */
function matching(samples: Samples | undefined, labels: Labels): Map<number, number> | undefined {
	const found = [...(samples?.values() ?? [])].filter(({ labels: others }) =>
		Object.entries(others).every(([name, value]) => labels[name] === undefined || labels[name] === value),
	);
	return found.length === 1 ? found[0]?.values : undefined;
}

function shown(url: string): string {
	const { origin, pathname } = new URL(url);
	return origin + pathname.replace(/\/+$/, "");
}
