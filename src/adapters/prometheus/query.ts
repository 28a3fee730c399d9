import type { MetricDefinition } from "../../core/metrics/metric.ts";

/** How several series of one entity become one value. */
export type Aggregation = "Sum" | "Mean" | "Max";

/** Names of the labels that say whose measurement a series is. */
export interface EntityLabels {
	/** Holds the node's name. */
	readonly node?: string | undefined;
	readonly namespace?: string | undefined;
	/** Holds the pod's name; its Deployment is looked up. */
	readonly pod?: string | undefined;
	/** Holds the Deployment's name. */
	readonly workload?: string | undefined;
}

/** One entry of the metric catalogue with the way to ask Prometheus for it. */
export interface MetricQuery extends MetricDefinition {
	/** PromQL; `$step` and `$window` stand for one and two steps. */
	readonly query: string;
	/** How a bare selector is read. */
	readonly kind: "Gauge" | "Rate";
	readonly labels: EntityLabels;
	readonly aggregation: Aggregation;
}

const STRING = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/.source;
const BARE_SELECTOR = new RegExp(
	`^\\s*(?:[a-zA-Z_:][\\w:]*\\s*(?:\\{(?:[^{}"'\`]|${STRING})*\\})?|\\{(?:[^{}"'\`]|${STRING})*\\})\\s*$`,
);

/** Whether a query is a series selector and nothing else: `name`, `name{label="value"}` or `{...}`. */
export function isBareSelector(query: string): boolean {
	return BARE_SELECTOR.test(query);
}

/**
 * The PromQL to evaluate at every step. An instant selector repeats the last value of a dead series
 * for five minutes, so a bare one is read as what was really sampled within the step.
 */
export function promql(metric: Pick<MetricQuery, "query" | "kind">, stepSeconds: number): string {
	return fill(isBareSelector(metric.query) ? sampledWithinStep(metric) : metric.query, stepSeconds);
}

function sampledWithinStep({ query, kind }: Pick<MetricQuery, "query" | "kind">): string {
	const selector = query.trim();
	const newest = `last_over_time(${selector}[$step])`;
	return kind === "Rate" ? `rate(${selector}[$window]) and ${newest}` : newest;
}

function fill(query: string, stepSeconds: number): string {
	return query
		.replaceAll(/\$(?:step\b|\{step\})/g, promqlDuration(stepSeconds))
		.replaceAll(/\$(?:window\b|\{window\})/g, promqlDuration(2 * stepSeconds));
}

export function promqlDuration(seconds: number): string {
	return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
