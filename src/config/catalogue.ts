import { z } from "zod";
import { isBareSelector, type MetricQuery } from "../adapters/prometheus/query.ts";
import { DEFAULT_CATALOGUE } from "./default-catalogue.ts";

/** The metric catalogue: schema and documentation. Its default entries are in default-catalogue.ts. */

const labelName = z.string().regex(/^[a-zA-Z_]\w*$/, "is not a label name");

const labels = z
	.strictObject({
		node: labelName.optional().describe("Label that holds the node's name; for metrics of scope Node."),
		namespace: labelName.optional().describe("Label that holds the namespace; default: namespace."),
		pod: labelName
			.optional()
			.describe("Label that holds the pod's name; its Deployment is looked up in the cluster. Default: pod."),
		workload: labelName.optional().describe("Label that holds the Deployment's name, instead of a pod label."),
	})
	.describe("Labels that say whose measurement a series is.");

const entry = z
	.strictObject({
		query: z
			.string()
			.min(1)
			.describe(
				"PromQL, evaluated at every step. $step and $window stand for the length of one and two steps. " +
					"A bare selector is read as what was sampled within the step. In any other query, bound how long a dead " +
					"series lives on: last_over_time(x[$step]), or rate(x[$window]) and last_over_time(x[$step]).",
			),
		scope: z.enum(["Node", "Workload"]).describe("Node: one series per node. Workload: one per Deployment."),
		unit: z
			.string()
			.regex(/^[a-z][a-z_]*$/, 'is not a unit; name it as Prometheus does, like "seconds"')
			.describe("Base unit as Prometheus names it, like seconds, cores, bytes or ratio."),
		kind: z
			.enum(["Gauge", "Rate"])
			.default("Gauge")
			.describe("How a bare selector is read: Gauge its newest value, Rate the increase per second of a counter."),
		min: z.number().default(0).describe("Smaller values are Unknown; in the metric's unit."),
		max: z.number().default(1e15).describe("Larger values are Unknown; in the metric's unit."),
		labels: labels.prefault({}),
		aggregation: z
			.enum(["Sum", "Mean", "Max"])
			.default("Sum")
			.describe("How several series of one node, or of a Deployment's pods, become one value."),
	})
	.superRefine((metric, context) => {
		const complain = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
		if (metric.scope === "Node" && metric.labels.node === undefined) {
			complain("labels", "a metric of scope Node needs labels.node: the label that holds the node's name");
		}
		if (metric.scope === "Workload" && metric.labels.node !== undefined) {
			complain("labels", "labels.node is for metrics of scope Node; give labels.pod or labels.workload");
		}
		if (metric.labels.pod !== undefined && metric.labels.workload !== undefined) {
			complain("labels", "give labels.pod or labels.workload, not both");
		}
		if (metric.kind === "Rate" && !isBareSelector(metric.query)) {
			complain("kind", "Rate is for a bare selector; write rate(...[$window]) in the query itself");
		}
		if (!(metric.min < metric.max)) complain("min", "min must be below max");
	});

const METRIC_NAME = /^[a-z][a-z0-9_]*$/;

/** Entries by name, merged over the default catalogue by name; `null` removes a default entry. */
export const metricCatalogue = z
	.record(z.string(), entry.nullable())
	.superRefine((own, context) => {
		for (const name of Object.keys(own)) {
			if (METRIC_NAME.test(name)) continue;
			const message = "a metric's name is in lower case with underscores, like request_rate";
			context.addIssue({ code: "custom", path: [name], message });
		}
	})
	.prefault({})
	.transform((own): readonly MetricQuery[] => {
		const merged = new Map(DEFAULT_CATALOGUE.map((metric) => [metric.name, metric]));
		for (const [name, metric] of Object.entries(own)) {
			if (metric) merged.set(name, { name, ...metric });
			else merged.delete(name);
		}
		return [...merged.values()];
	})
	.describe("Metrics by name, beside the shipped ones; an entry of the same name replaces one, null removes it.");
