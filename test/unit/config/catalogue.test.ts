import { describe, expect, test } from "vitest";
import { metricCatalogue } from "../../../src/config/catalogue.ts";
import { DEFAULT_CATALOGUE } from "../../../src/config/default-catalogue.ts";

const entry = { query: "cpu", scope: "Node", unit: "cores", labels: { node: "node" } };

/** The first complaint about a catalogue, `undefined` when it is accepted. */
function complaint(own: unknown): string | undefined {
	const result = metricCatalogue.safeParse(own);
	const issue = result.error?.issues[0];
	return issue && `${issue.path.join(".")}: ${issue.message}`;
}

test("without entries of one's own the shipped ones stand", () => {
	expect(metricCatalogue.parse(undefined)).toEqual(DEFAULT_CATALOGUE);
});

test("an entry is added, replaces the one of its name, or removes it", () => {
	const metrics = metricCatalogue.parse({ node_cpu_usage: entry, node_power: null, queue_length: entry });
	const byName = new Map(metrics.map((metric) => [metric.name, metric]));
	expect(byName.get("node_cpu_usage")).toEqual({
		...entry,
		name: "node_cpu_usage",
		kind: "Gauge",
		min: 0,
		max: 1e15,
		aggregation: "Sum",
	});
	expect(byName.has("node_power")).toBe(false);
	expect(byName.has("queue_length")).toBe(true);
	expect(metrics).toHaveLength(DEFAULT_CATALOGUE.length);
});

test("the shipped entries satisfy the schema that own entries must satisfy", () => {
	for (const { name, ...shipped } of DEFAULT_CATALOGUE) {
		expect(complaint({ [name]: shipped })).toBeUndefined();
	}
});

describe("what is refused", () => {
	test.each([
		[{ CPU: entry }, "CPU: a metric's name"],
		[{ cpu: { ...entry, unit: "Cores!" } }, "cpu.unit: is not a unit"],
		[{ cpu: { ...entry, scope: "Pod" } }, "cpu.scope: "],
		[{ cpu: { ...entry, labels: {} } }, "cpu.labels: a metric of scope Node needs labels.node"],
		[{ cpu: { ...entry, scope: "Workload" } }, "cpu.labels: labels.node is for metrics of scope Node"],
		[
			{ cpu: { ...entry, scope: "Workload", labels: { pod: "pod", workload: "deployment" } } },
			"cpu.labels: give labels.pod or labels.workload, not both",
		],
		[{ cpu: { ...entry, kind: "Rate", query: "sum(cpu)" } }, "cpu.kind: Rate is for a bare selector"],
		[{ cpu: { ...entry, min: 1, max: 1 } }, "cpu.min: min must be below max"],
		[{ cpu: { ...entry, query: "" } }, "cpu.query: "],
		[{ cpu: { ...entry, labels: { node: "no de" } } }, "cpu.labels.node: is not a label name"],
		[{ cpu: { ...entry, typo: 1 } }, "cpu: Unrecognized key"],
	])("%j", (own, message) => {
		expect(complaint(own)).toContain(message);
	});
});
