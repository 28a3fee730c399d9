import type { WorkloadKey } from "../core/cluster/workload.ts";
import type { Migration } from "../core/migration/migration.ts";

/** A move as the controller's history keeps it, once it is done and verified: at once, in a trace. */
export function succeeded(
	{ workload, from, to }: { readonly workload: WorkloadKey; readonly from: string | undefined; readonly to: string },
	time: number,
): Migration {
	const [namespace = "", name = ""] = workload.split("/");
	return {
		namespace,
		name: `${name}-${time}`,
		uid: `${workload}-${time}`,
		resourceVersion: "",
		createdAt: time,
		workload,
		to,
		override: [],
		reason: "",
		requestedBy: "backtest",
		automatic: true,
		cancelledBy: undefined,
		status: {
			phase: "Succeeded",
			from,
			to,
			promised: undefined,
			measuredBefore: undefined,
			measured: undefined,
			startedAt: time,
			rolledOutAt: time,
			completedAt: time,
			reason: undefined,
			message: undefined,
		},
	};
}
