import { expect, it } from "vitest";
import { visitOf } from "../../../src/core/calibration/visit.ts";
import { subjectsOf } from "../../../src/core/evaluation/subject.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import { cluster, node, pod, policy, workload } from "../cluster-core/builders.ts";

const NOW = Date.UTC(2026, 0, 1);

it.each([
	{ stepSeconds: 30, steps: 10 },
	{ stepSeconds: 1, steps: 10 },
	{ stepSeconds: 5, steps: 20 },
])("a window of visits is a window of the model: $steps steps of $stepSeconds s", ({ stepSeconds, steps }) => {
	const metrics = new MetricStore(
		[
			{ name: "latency", scope: "Workload", unit: "ms", min: 0, max: 1e6 },
			{ name: "node_cpu_usage", scope: "Node", unit: "cores", min: 0, max: 1e6 },
		],
		{ steps, stepSeconds },
	);
	metrics.ingest([{ metric: "latency", entity: "shop/web", at: NOW, value: 100 }], NOW);
	metrics.ingest([{ metric: "node_cpu_usage", entity: "a", at: NOW, value: 2 }], NOW);
	const pods = [pod("web-0", { nodeName: "a", workload: "shop/web", createdAt: NOW - 3_600_000 })];
	const state = cluster({ nodes: [node("a")], pods, workloads: [workload("web")], policies: [policy()] });
	const [subject] = subjectsOf(state, () => true);
	const visit = subject && visitOf(subject, { cluster: state, metrics, now: NOW });
	// Half of its four cores are busy: on an idle node it would take half of the time.
	expect(visit).toEqual({ workload: "shop/web", node: "a", time: 50, windows: 1 / steps });
});
