import type { NodeSelectorTerm } from "../cluster/selectors.ts";
import type { Namespace } from "../cluster/state.ts";
import type { Workload } from "../cluster/workload.ts";
import { pinOf, placementOf } from "../migration/annotations.ts";
import type { Policy } from "../policy/policy.ts";
import { type Skip, skip } from "./placement.ts";
import type { AdmissionPod } from "./pod.ts";

/** The admission plugin PodNodeSelector rejects pods that contradict this annotation of their namespace. */
const NAMESPACE_SELECTOR = "scheduler.alpha.kubernetes.io/node-selector";

/** What somebody has already said about where a pod goes. */
export interface ExpressionContext {
	readonly workload: Workload;
	readonly policy: Policy;
	readonly namespace: Namespace | undefined;
}

/** Why the choice is not ours any more; `undefined` when it is. */
export function expressedPlacement(pod: AdmissionPod, context: ExpressionContext): Skip | undefined {
	return (
		alreadyPlaced(pod, context) ?? namespaceDecides(pod, context) ?? userPinned(pod, context) ?? spreadBy(pod, context)
	);
}

/** Node labels that the namespace demands of all its pods; `undefined` when the annotation cannot be read. */
export function namespaceSelector(namespace: Namespace | undefined): Readonly<Record<string, string>> | undefined {
	const text = namespace?.annotations[NAMESPACE_SELECTOR]?.trim() ?? "";
	const selector: Record<string, string> = {};
	if (text === "") return selector;
	for (const pair of text.split(",")) {
		const [key, value, ...rest] = pair.split("=").map((part) => part.trim());
		if (key === undefined || key === "" || value === undefined || rest.length > 0) return undefined;
		selector[key] = value;
	}
	return selector;
}

/** A pin of ours in the template (a move), or our own answer of an earlier round of the same admission. */
function alreadyPlaced(pod: AdmissionPod, { workload, policy }: ExpressionContext): Skip | undefined {
	const { topologyKey } = policy.placement;
	const selected = pod.scheduling.nodeSelector[topologyKey];
	const pin = pinOf(workload);
	const domain = placementOf(pod.annotations)?.domain;
	const isOurs =
		(domain !== undefined &&
			(selected === domain || pod.preferredNodeAffinity.some((term) => names(term, topologyKey, domain)))) ||
		(pin?.topologyKey === topologyKey && selected === pin.domain);
	return isOurs ? skip("AlreadyPlaced", `${topologyKey}=${domain ?? selected} stands already`) : undefined;
}

function names(term: NodeSelectorTerm, key: string, value: string): boolean {
	const [only, ...rest] = term.matchExpressions ?? [];
	return only?.key === key && only.operator === "In" && rest.length === 0 && only.values?.[0] === value;
}

function namespaceDecides(pod: AdmissionPod, { policy, namespace }: ExpressionContext): Skip | undefined {
	const selector = namespaceSelector(namespace);
	if (!selector) return skip("NamespaceNodeSelector", `annotation ${NAMESPACE_SELECTOR} cannot be read`);
	if (Object.hasOwn(selector, policy.placement.topologyKey)) {
		return skip("NamespaceNodeSelector", `the namespace's node selector decides ${policy.placement.topologyKey}`);
	}
	const conflict = Object.entries(selector).find(
		([key, value]) => (pod.scheduling.nodeSelector[key] ?? value) !== value,
	);
	return conflict && skip("NamespaceNodeSelector", `the pod contradicts its namespace's node selector ${conflict[0]}`);
}

function userPinned(pod: AdmissionPod, { policy }: ExpressionContext): Skip | undefined {
	const { topologyKey } = policy.placement;
	const { nodeSelector, nodeAffinity } = pod.scheduling;
	if (Object.hasOwn(nodeSelector, topologyKey)) return skip("UserPinned", `nodeSelector names ${topologyKey}`);
	const terms = [...(nodeAffinity ?? []), ...pod.preferredNodeAffinity];
	if (terms.some((term) => speaksOf(term, topologyKey)))
		return skip("UserPinned", `node affinity names ${topologyKey}`);
	return undefined;
}

/** `matchFields` can only name nodes. */
function speaksOf(term: NodeSelectorTerm, topologyKey: string): boolean {
	if ((term.matchFields ?? []).length > 0) return true;
	return term.matchExpressions?.some(({ key }) => key === topologyKey) ?? false;
}

/**
 * With our pin, a constraint that honours node selectors sees one domain at most. That satisfies any skew
 * (feasibility counts the others), but never `minDomains`: then the pod would wait for ever.
 */
function spreadBy(pod: AdmissionPod, { policy }: ExpressionContext): Skip | undefined {
	if (policy.placement.enforcement !== "Required") return undefined;
	const strict = pod.scheduling.topologySpread.find(
		({ whenUnsatisfiable, minDomains, nodeAffinityPolicy }) =>
			whenUnsatisfiable === "DoNotSchedule" && nodeAffinityPolicy === "Honor" && (minDomains ?? 1) > 1,
	);
	return strict && skip("TopologySpread", `minDomains over ${strict.topologyKey} cannot hold under a pin`);
}
