import type { Workload } from "../../../cmd/kubectl-qos/resources/workloads.ts";
import { parsePolicy } from "../../../src/api/v1alpha1/policy.ts";
import { parseReport, type QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";

export const NOW = Date.parse("2026-01-01T12:00:00Z");

/** A report that is 20 s old: `web` runs on edge-1, would be better on edge-2, may not run on edge-7. */
export const STATUS: QoSReportStatus = {
	observedAt: "2026-01-01T11:59:40Z",
	policy: "fast",
	objective: { metric: "latency", unit: "seconds", direction: "Minimize", target: 0.05 },
	modelRef: { name: "headroom", version: "1", sha256: "00" },
	current: { node: "edge-1", measured: 0.048, predicted: { value: 0.041, lower: 0.036, upper: 0.047 } },
	recommended: {
		node: "edge-2",
		gain: 0.22,
		gainLowerBound: 0.15,
		predicted: { value: 0.03, lower: 0.029, upper: 0.031 },
	},
	decision: { action: "Move", reason: "GainAboveMargin", message: "edge-2 gains 22% of the target" },
	nodes: [
		{ name: "edge-2", feasible: true, predicted: { value: 0.03, lower: 0.029, upper: 0.031 }, rank: 1 },
		{ name: "edge-1", feasible: true, predicted: { value: 0.041, lower: 0.036, upper: 0.047 }, rank: 2 },
		{ name: "edge-3", feasible: true },
		{
			name: "edge-7",
			feasible: false,
			reason: "NodeUnschedulable",
			message: "node(s) were unschedulable",
			predicted: { value: 0.061, lower: 0.05, upper: 0.07 },
		},
	],
	nodesTotal: 4,
};

export function policyFor(labels: Readonly<Record<string, string>>): Policy {
	const parsed = parsePolicy({
		metadata: { namespace: "shop", name: "fast", creationTimestamp: "2026-01-01T00:00:00Z" },
		spec: {
			workloadSelector: { matchLabels: labels },
			mode: "Auto",
			objective: { metric: "latency", direction: "Minimize", target: "50m" },
		},
	});
	if (!parsed.ok) throw new Error(parsed.message);
	return parsed.value;
}

/** The Deployment `web`; without a status: nothing was reported yet. */
export function workload(status: Partial<QoSReportStatus> | undefined, governed = true): Workload {
	const object = {
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSReport",
		metadata: { namespace: "shop", name: "web", uid: "1" },
		status: status && { ...STATUS, ...status },
	};
	const parsed = parseReport(object);
	if (!parsed.ok) throw new Error(parsed.message);
	return {
		deployment: { namespace: "shop", name: "web", labels: { app: "web" }, annotations: {} },
		report: status && { value: parsed.value, object },
		governance: governed ? { policy: policyFor({ app: "web" }), conflicting: [] } : undefined,
	};
}
