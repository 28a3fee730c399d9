import type { PlacementRecord } from "../migration/command.ts";

/** Why a pod is admitted unchanged. */
export type SkipReason =
	| "NamespaceNotEnabled"
	| "NamespaceExcluded"
	| "NotOwnedByDeployment"
	| "DaemonSetPod"
	| "MirrorPod"
	| "AlreadyBound"
	| "ForeignScheduler"
	| "OptedOut"
	/** Its Deployment is newer than the caches. */
	| "WorkloadNotCached"
	| "NoPolicy"
	| "ModeOff"
	| "Suspended"
	| "AlreadyPlaced"
	| "UserPinned"
	| "NamespaceNodeSelector"
	| "TopologySpread"
	| "NoFeasibleNode"
	| "MetricsAbsent"
	| "MetricsStale"
	| "PredictionUnknown"
	| "ModelRefused"
	| "CachesStale";

/** The pod is admitted unchanged; `message` is one line for its user. */
export interface Skip {
	readonly kind: "Skip";
	readonly reason: SkipReason;
	readonly message: string;
}

export function skip(reason: SkipReason, message: string): Skip {
	return { kind: "Skip", reason, message };
}

/** The pod is sent somewhere. */
export interface Place {
	readonly kind: "Place";
	readonly topologyKey: string;
	/** Chosen value of the topology key. */
	readonly domain: string;
	readonly node: string;
	readonly enforcement: "Required" | "Preferred";
	readonly record: PlacementRecord;
}

/** What admission does with a pod: commands to the API server, never calls. */
export type PlacementDecision = Skip | Place;
