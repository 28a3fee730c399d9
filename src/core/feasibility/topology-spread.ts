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
	/** The fewest pods of any domain; 0 while there are fewer domains than `minDomains`. */
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

function spread(
	pod: PodToPlace,
	constraint: TopologySpreadConstraint,
	nodes: readonly Node[],
	context: FeasibilityContext,
): Spread {
	const included = new Set(nodes.filter(isIncluded(pod, constraint, context)));
	const counts = new DomainCounts(constraint.topologyKey);
	for (const node of included) counts.know(node);
	for (const placed of countedPods(pod, constraint, context)) {
		if (included.has(placed.node)) counts.add(placed.node, pod.replacing.has(placed.pod.uid));
	}
	const fewest = counts.size >= (constraint.minDomains ?? 1) ? counts.fewest : 0;
	const self = constraint.labelSelector && selects(constraint.labelSelector, pod.labels) ? 1 : 0;
	return { constraint, counts, fewest, self };
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
	const { cluster } = context;
	const state = lazy(() => {
		const nodes = [...cluster.nodes.values()].filter((node) =>
			constraints.every(({ topologyKey }) => labelOf(node, topologyKey) !== undefined),
		);
		return constraints.map((constraint) => spread(pod, constraint, nodes, context));
	});

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
