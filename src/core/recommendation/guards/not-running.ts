import { type Assessment, unknown } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** Without a running pod there is nothing to compare with; admission places the pods that come. */
export function notRunningGuard({ current, workload }: Assessment): Decision | undefined {
	if (current.node !== undefined) return undefined;
	const message =
		workload.replicas === 0
			? "the deployment is scaled to 0"
			: `none of its ${workload.replicas} pods runs on a node yet`;
	return unknown("NotRunning", message);
}
