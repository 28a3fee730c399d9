import type { SchedulingSpec } from "../cluster/pod.ts";
import type { LabelSelector } from "../cluster/selectors.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { Ledger } from "../features/ledger.ts";
import type { PodGroups } from "./pod-groups.ts";
import type { SpreadNodes } from "./topology-spread.ts";

/** A pod that does not exist yet, or would exist anew if its workload moved. */
export interface PodToPlace {
	readonly namespace: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly scheduling: SchedulingSpec;
	readonly workload: WorkloadKey | undefined;
	/**
	 * Uids of the pods that it takes the place of. A surge rollout starts the new pod while they still run,
	 * so they hold their room and their (anti-)affinities everywhere but on their own node: being
	 * there already means staying, which needs no second room.
	 */
	readonly replacing: ReadonlySet<string>;
}

export interface FeasibilityContext {
	/** The pods on nodes, where they are kept in groups; absent: each is looked at. */
	readonly groups?: PodGroups | undefined;
	/** What topology spread remembers of nodes while none changes; absent: nothing. */
	readonly spreadNodes?: Map<string, SpreadNodes> | undefined;
	readonly cluster: Pick<
		ClusterState,
		| "nodes"
		| "pods"
		| "podsByNode"
		| "podRevisions"
		| "revisions"
		| "namespaces"
		| "volumeClaims"
		| "podsWithAntiAffinity"
	>;
	readonly ledger: Ledger;
	/** Nodes that the policy allows. */
	readonly candidates: LabelSelector;
	readonly topologyKey: string;
	/** The nodeSelector key that we manage: our own pin must not make every other node infeasible. */
	readonly ignoreNodeSelectorKey?: string | undefined;
	/** Values of the topology key that are held back for this workload after a move there went wrong. */
	readonly quarantined?: ReadonlySet<string> | undefined;
}
