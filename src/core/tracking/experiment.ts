import type { WorkloadKey } from "../cluster/workload.ts";
import type { TrackingLayout } from "../policy/policy.ts";

/** Name of the experiment that holds a workload's runs, unless somebody says otherwise. */
export function experimentFor(layout: TrackingLayout, workload: WorkloadKey): string {
	if (layout === "cloudedge") return "predictor";
	if (layout === "native") return "kubectl-qos";
	// The original knows no namespaces.
	return workload.slice(workload.indexOf("/") + 1);
}
