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
	| "NoPolicy"
	| "ModeOff"
	| "Suspended"
	| "AlreadyPlaced"
	| "UserPinned"
	| "NamespaceNodeSelector"
	| "TopologySpread"
	| "NoFeasibleNode"
	| "MetricsStale"
	| "PredictionUnknown"
	| "ModelRefused"
	| "CachesStale";

/** What admission does with a pod: commands to the API server, never calls. */
export type PlacementDecision =
	| { readonly kind: "Skip"; readonly reason: SkipReason; readonly message: string }
	| {
			readonly kind: "Place";
			readonly topologyKey: string;
			/** Chosen value of the topology key. */
			readonly domain: string;
			readonly node: string;
			readonly enforcement: "Required" | "Preferred";
			readonly record: PlacementRecord;
	  };
