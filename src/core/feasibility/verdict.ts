/** Why the scheduler would refuse a node, in CamelCase for machines. */
export type InfeasibleReason =
	| "NodeNotReady"
	| "NodeUnschedulable"
	| "TaintNotTolerated"
	| "NodeSelectorMismatch"
	| "NodeAffinityMismatch"
	| "PodAffinityMismatch"
	| "PodAntiAffinityMismatch"
	| "ExistingPodAntiAffinity"
	| "TopologySpreadViolated"
	| "InsufficientResources"
	| "HostPortConflict"
	| "VolumeClaimUnusable"
	| "VolumeInUse"
	| "VolumeNodeAffinityConflict"
	| "VolumeZoneConflict"
	| "NotACandidate"
	| "Quarantined";

/** May this pod run there? Every refusal carries its reason; `message` uses the scheduler's wording. */
export type Verdict =
	| { readonly feasible: true }
	| { readonly feasible: false; readonly reason: InfeasibleReason; readonly message: string };

export const FEASIBLE: Verdict = { feasible: true };

export type Refusal = Extract<Verdict, { feasible: false }>;

export function infeasible(reason: InfeasibleReason, message: string): Refusal {
	return { feasible: false, reason, message };
}

/** Of a node that is not in the cluster (any more). */
export const GONE = infeasible("NodeNotReady", "node(s) are gone");
