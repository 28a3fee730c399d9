import type { WorkloadKey } from "../cluster/workload.ts";

/** The name without its namespace: what the original calls the app. */
export function nameOf(workload: WorkloadKey): string {
	return workload.slice(workload.indexOf("/") + 1);
}
