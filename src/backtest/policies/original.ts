import { bestOf, type Choice, type PlacementPolicy, type PolicyContext, type Sight, shown } from "./policy.ts";

/** What the original acts on where the policy has no target: a QoS above 25, a latency above 0.2 s. */
const QOS_THRESHOLD = 25;
const LATENCY_THRESHOLD = 0.2;

/**
 * The rules of the system that this project goes beyond, with their defects: no comparison with the current
 * node, no cooldown, and what is missing counts as 0.
 * - Higher is better (its cloud-edge scenario): act whenever the best prediction is above the target; go there.
 * - Lower is better (its reactive and proactive scenarios, an app on an edge site): leave when the
 *   prediction for the current node is above the target; go to the next node in the list, by name.
 */
export function original({ policy: { objective } }: PolicyContext): PlacementPolicy {
	if (objective.direction === "Minimize") {
		return { decide: (sight) => nextInList(sight, objective.target ?? LATENCY_THRESHOLD) };
	}
	return { decide: (sight) => bestAbove(sight, objective.target ?? QOS_THRESHOLD) };
}

function bestAbove(sight: Sight, threshold: number): Choice | undefined {
	const uploaded = sight.predicted.map((value) => (Number.isNaN(value) ? 0 : value));
	const best = bestOf(sight, uploaded, "Maximize");
	if (best === undefined || best === sight.current || !((uploaded[best] as number) > threshold)) return undefined;
	return { node: best, reason: `max_qos ${shown(uploaded[best] as number)} is above ${shown(threshold)}` };
}

function nextInList({ current, predicted, present, nodes }: Sight, threshold: number): Choice | undefined {
	// Missing (NaN) is not above anything, as the original's 0 is not.
	if (!((predicted[current] as number) > threshold)) return undefined;
	const own = nodes.names[current] as string;
	const names = present.map((node) => nodes.names[node] as string).sort();
	const next = names.find((name) => name > own) ?? names[0];
	if (next === undefined || next === own) return undefined;
	const value = shown(predicted[current] as number);
	return {
		node: nodes.find(next) as number,
		reason: `latency ${value} is above ${shown(threshold)}: next in the list`,
	};
}
