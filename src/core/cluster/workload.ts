import type { SchedulingSpec } from "./pod.ts";

/** `namespace/name` of a Deployment. */
export type WorkloadKey = `${string}/${string}`;

export function workloadKey(namespace: string, name: string): WorkloadKey {
	return `${namespace}/${name}`;
}

/** Rollout strategy with percentages resolved to pods, as the Deployment controller resolves them. */
export interface RolloutStrategy {
	readonly type: "RollingUpdate" | "Recreate";
	readonly maxSurge: number;
	readonly maxUnavailable: number;
}

/** A Deployment, as far as placement needs it. */
export interface Workload {
	readonly key: WorkloadKey;
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly createdAt: number;
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
	readonly replicas: number;
	readonly paused: boolean;
	readonly strategy: RolloutStrategy;
	/** The rollout is complete: observed, all replicas updated and available, no old ones left. */
	readonly rolledOut: boolean;
	readonly availableReplicas: number;
	/** `spec.progressDeadlineSeconds` was exceeded. */
	readonly progressDeadlineExceeded: boolean;
	readonly template: {
		readonly labels: Readonly<Record<string, string>>;
		readonly annotations: Readonly<Record<string, string>>;
		readonly scheduling: SchedulingSpec;
	};
}
