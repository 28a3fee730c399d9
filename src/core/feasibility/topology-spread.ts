import type { Node } from "../cluster/node.ts";
import type { Pod, TopologySpreadConstraint } from "../cluster/pod.ts";
import { type LabelSelector, selects } from "../cluster/selectors.ts";
import { type Check, labelOf, lazy } from "./check.ts";
import { matchesSelector, matchesTerms, ownSelector } from "./node-affinity.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { untoleratedTaint } from "./taints.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

const MESSAGE = "node(s) didn't match pod topology spread constraints";

/** One constraint with the pods counted per domain. */
interface Spread {
	readonly constraint: TopologySpreadConstraint;
	readonly byDomain: ReadonlyMap<string, number>;
	/** The fewest pods of any domain; 0 while there are fewer domains than `minDomains`. */
	readonly fewest: number;
	/** 1 when the constraint counts the new pod as well. */
	readonly self: number;
}

/** The scheduler counts no pods for the empty selector, although it selects them all. */
function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
	return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

function counts(pod: PodToPlace, constraint: TopologySpreadConstraint, other: Pod): boolean {
	return (
		other.namespace === pod.namespace &&
		!other.terminating &&
		constraint.labelSelector !== undefined &&
		!isEmpty(constraint.labelSelector) &&
		selects(constraint.labelSelector, other.labels)
	);
}

function countedPods(
	pod: PodToPlace,
	constraint: TopologySpreadConstraint,
	pods: ReadonlySet<Pod> | undefined,
): readonly Pod[] {
	return [...(pods ?? [])].filter((other) => counts(pod, constraint, other));
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
	const included = isIncluded(pod, constraint, context);
	const byDomain = new Map<string, number>();
	for (const node of nodes) {
		const domain = labelOf(node, constraint.topologyKey);
		if (domain === undefined || !included(node)) continue;
		const there = countedPods(pod, constraint, context.cluster.podsByNode.get(node.name)).length;
		byDomain.set(domain, (byDomain.get(domain) ?? 0) + there);
	}
	const enough = byDomain.size >= (constraint.minDomains ?? 1);
	const fewest = enough ? Math.min(...byDomain.values()) : 0;
	const self = constraint.labelSelector && selects(constraint.labelSelector, pod.labels) ? 1 : 0;
	return { constraint, byDomain, fewest, self };
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

	function skewed(node: Node, { constraint, byDomain, fewest, self }: Spread): boolean {
		const replaced = countedPods(pod, constraint, cluster.podsByNode.get(node.name)).filter(({ uid }) =>
			pod.replacing.has(uid),
		).length;
		const there = (byDomain.get(labelOf(node, constraint.topologyKey) ?? "") ?? 0) - replaced;
		return there + self - fewest > constraint.maxSkew;
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
