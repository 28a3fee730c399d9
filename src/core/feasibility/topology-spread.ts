import type { Node } from "../cluster/node.ts";
import type { TopologySpreadConstraint } from "../cluster/pod.ts";
import { type LabelSelector, selects } from "../cluster/selectors.ts";
import { DomainCounts } from "./affinity-term.ts";
import { type Check, labelOf, lazy } from "./check.ts";
import { matchesSelector, matchesTerms, ownSelector } from "./node-affinity.ts";
import { type PlacedPod, placedGroups } from "./placed-pods.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { untoleratedTaint } from "./taints.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

const MESSAGE = "node(s) didn't match pod topology spread constraints";

/** One constraint with the pods counted per domain. */
interface Spread {
	readonly constraint: TopologySpreadConstraint;
	readonly counts: DomainCounts;
	/** The fewest pods of any domain; 0 too while there are fewer domains than `minDomains`. */
	readonly fewest: number;
	/** 1 when the constraint counts the new pod as well. */
	readonly self: number;
}

/** The scheduler counts no pods for the empty selector, although it selects them all. */
function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
	return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Pods that the constraint counts, wherever they are. */
function* countedPods(
	{ namespace }: PodToPlace,
	{ labelSelector }: TopologySpreadConstraint,
	context: FeasibilityContext,
): Generator<PlacedPod> {
	if (!labelSelector || isEmpty(labelSelector)) return;
	for (const group of placedGroups(context)) {
		if (group.namespace !== namespace || !selects(labelSelector, group.labels)) continue;
		for (const placed of group.placed()) if (!placed.pod.terminating) yield placed;
	}
}

/** Whether the constraint's node inclusion policies let a node count. */
function isIncluded(pod: PodToPlace, constraint: TopologySpreadConstraint, context: FeasibilityContext) {
	const selector = ownSelector(pod.scheduling, context.ignoreNodeSelectorKey);
	const { nodeAffinity, tolerations } = pod.scheduling;
	return (node: Node): boolean => {
		const matches = matchesSelector(node, selector) && matchesTerms(node, nodeAffinity);
		if (constraint.nodeAffinityPolicy === "Honor" && !matches) return false;
		return constraint.nodeTaintsPolicy === "Ignore" || untoleratedTaint(node, tolerations) === undefined;
	};
}

/** Nodes whose pods a constraint counts, and the domains that they make up. */
export interface SpreadNodes {
	readonly nodes: ReadonlySet<Node>;
	readonly domains: number;
}

/** Kept where the context keeps them: they depend on nodes, and on few things of the pod. */
function spreadNodes(
	pod: PodToPlace,
	constraint: TopologySpreadConstraint,
	keys: readonly string[],
	context: FeasibilityContext,
): SpreadNodes {
	const { scheduling } = pod;
	const affinity = constraint.nodeAffinityPolicy === "Honor" && [
		ownSelector(scheduling, context.ignoreNodeSelectorKey),
		scheduling.nodeAffinity,
	];
	const tolerations = constraint.nodeTaintsPolicy === "Honor" && scheduling.tolerations;
	const key = JSON.stringify([constraint.topologyKey, keys, affinity, tolerations]);
	let found = context.spreadNodes?.get(key);
	if (!found) {
		const included = isIncluded(pod, constraint, context);
		const nodes = [...context.cluster.nodes.values()].filter(
			(node) => keys.every((topologyKey) => labelOf(node, topologyKey) !== undefined) && included(node),
		);
		const domains = new Set(nodes.map((node) => labelOf(node, constraint.topologyKey)));
		found = { nodes: new Set(nodes), domains: domains.size };
		context.spreadNodes?.set(key, found);
	}
	return found;
}

function spread(
	pod: PodToPlace,
	constraint: TopologySpreadConstraint,
	keys: readonly string[],
	context: FeasibilityContext,
): Spread {
	const { nodes, domains } = spreadNodes(pod, constraint, keys, context);
	const counts = new DomainCounts(constraint.topologyKey);
	for (const placed of countedPods(pod, constraint, context)) {
		if (nodes.has(placed.node)) counts.add(placed.node, pod.replacing.has(placed.pod.uid));
	}
	const isOneEmpty = counts.size < domains || domains < (constraint.minDomains ?? 1);
	const self = constraint.labelSelector && selects(constraint.labelSelector, pod.labels) ? 1 : 0;
	return { constraint, counts, fewest: isOneEmpty ? 0 : counts.fewest, self };
}

/**
 * Topology spread with DoNotSchedule. Domains are counted as if our own pin were not there: under a pin,
 * the one remaining domain would satisfy any skew.
 */
export function topologySpreadCheck(pod: PodToPlace, context: FeasibilityContext): Check | undefined {
	const constraints = pod.scheduling.topologySpread.filter(
		({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule",
	);
	if (constraints.length === 0) return undefined;
	const keys = constraints.map(({ topologyKey }) => topologyKey);
	const state = lazy(() => constraints.map((constraint) => spread(pod, constraint, keys, context)));

	function skewed(node: Node, { constraint, counts, fewest, self }: Spread): boolean {
		return counts.around(node) + self - fewest > constraint.maxSkew;
	}

	return (node) => {
		for (const each of state()) {
			if (labelOf(node, each.constraint.topologyKey) === undefined) {
				return infeasible("TopologySpreadViolated", `${MESSAGE} (missing required label)`);
			}
			if (skewed(node, each)) return infeasible("TopologySpreadViolated", MESSAGE);
		}
		return FEASIBLE;
	};
}
