import type { Workload } from "../cluster/workload.ts";
import { governing, isOptedOut } from "../policy/governing.ts";
import type { Policy } from "../policy/policy.ts";
import { type Skip, skip } from "./placement.ts";
import type { AdmissionPod } from "./pod.ts";
import type { AdmissionView } from "./view.ts";

/** A pod's Deployment and the policy that wants its pods placed. */
export interface Governed {
	readonly workload: Workload;
	readonly policy: Policy;
	readonly conflicting: readonly Policy[];
}

/** Who governs the pod, or why nobody places it. */
export function governanceOf(pod: AdmissionPod, view: AdmissionView): Governed | Skip {
	const { cluster } = view;
	if (!view.cachesFresh) return skip("CachesStale", "the caches do not follow the API server at the moment");
	const workload = pod.workload && cluster.workloads.get(pod.workload);
	if (!workload) return skip("WorkloadNotCached", `Deployment ${pod.workload} is not known yet`);
	if (isOptedOut(workload)) return skip("OptedOut", `Deployment ${workload.name} opted out`);
	const governance = governing(workload, cluster.policies.values());
	if (!governance) return skip("NoPolicy", `no QoSPolicy selects Deployment ${workload.name}`);
	const { policy } = governance;
	if (policy.suspend) return skip("Suspended", `QoSPolicy ${policy.name} is suspended`);
	if (policy.mode === "Off") return skip("ModeOff", `QoSPolicy ${policy.name} has mode Off`);
	return { workload, ...governance };
}

/** Whether a policy of the namespace asks for placement: then it is worth waiting for a Deployment. */
export function hasPlacingPolicy(namespace: string, view: AdmissionView): boolean {
	for (const policy of view.cluster.policies.values()) {
		if (policy.namespace === namespace && policy.mode !== "Off" && !policy.suspend) return true;
	}
	return false;
}
