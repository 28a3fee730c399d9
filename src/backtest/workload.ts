import { type Pod, UNCONSTRAINED } from "../core/cluster/pod.ts";
import { type Workload, workloadKey } from "../core/cluster/workload.ts";

/** Namespace of workloads that a trace names without one. */
const NAMESPACE = "default";

/** A workload of a trace as the Deployment it stands for: one replica, rolled with a surge, asking for nothing. */
export function tracedWorkload(traced: string): Workload {
	const slash = traced.indexOf("/");
	const namespace = slash > 0 ? traced.slice(0, slash) : NAMESPACE;
	const name = slash > 0 ? traced.slice(slash + 1) : traced;
	return {
		key: workloadKey(namespace, name),
		namespace,
		name,
		uid: traced,
		resourceVersion: "",
		createdAt: 0,
		labels: {},
		annotations: {},
		replicas: 1,
		paused: false,
		strategy: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 },
		rolledOut: true,
		availableReplicas: 1,
		progressDeadlineExceeded: false,
		template: {
			labels: {},
			annotations: {},
			scheduling: UNCONSTRAINED,
		},
	};
}

/** The one pod of such a Deployment. @param createdAt ms since the epoch */
export function tracedPod({ key, namespace, name, template }: Workload, node: string, createdAt: number): Pod {
	return {
		uid: `${key}@${node}`,
		namespace,
		name: `${name}-${node}`,
		labels: template.labels,
		annotations: {},
		nodeName: node,
		phase: "Running",
		ready: true,
		terminating: false,
		createdAt,
		unschedulableSince: undefined,
		workload: key,
		scheduling: template.scheduling,
	};
}
