import type { Place } from "../core/admission/placement.ts";
import { encodePlacement, PLACEMENT_KEY } from "../core/migration/annotations.ts";

/** The one operation of RFC 6902 that placement needs: it creates, replaces a member, or appends to a list. */
export interface PatchOperation {
	readonly op: "add";
	readonly path: string;
	readonly value: unknown;
}

/**
 * Which levels a pod has. An `add` below a level that is absent does not apply, and the API server then
 * rejects the pod, whatever the failure policy.
 */
export interface PodShape {
	readonly annotations: boolean;
	readonly nodeSelector: boolean;
	readonly affinity: boolean;
	readonly nodeAffinity: boolean;
	readonly preferredNodeAffinity: boolean;
}

/** Highest weight of a preferred node affinity. */
const WEIGHT = 100;

/** What makes a pod of this shape go where the decision says. */
export function placementPatch(decision: Place, shape: PodShape): readonly PatchOperation[] {
	const record = encodePlacement(decision.record);
	return [
		decision.enforcement === "Required" ? selectorPatch(decision, shape) : affinityPatch(decision, shape),
		entryPatch("/metadata/annotations", shape.annotations, [PLACEMENT_KEY, record]),
	];
}

function selectorPatch({ topologyKey, domain }: Place, shape: PodShape): PatchOperation {
	return entryPatch("/spec/nodeSelector", shape.nodeSelector, [topologyKey, domain]);
}

/** One entry of a map of strings: with the whole map when it is absent. */
function entryPatch(map: string, exists: boolean, [key, value]: readonly [string, string]): PatchOperation {
	return exists
		? { op: "add", path: `${map}/${escapePointer(key)}`, value }
		: { op: "add", path: map, value: { [key]: value } };
}

function affinityPatch({ topologyKey, domain }: Place, shape: PodShape): PatchOperation {
	const preference = { matchExpressions: [{ key: topologyKey, operator: "In", values: [domain] }] };
	const term = { weight: WEIGHT, preference };
	const list = "preferredDuringSchedulingIgnoredDuringExecution";
	if (!shape.affinity) return { op: "add", path: "/spec/affinity", value: { nodeAffinity: { [list]: [term] } } };
	const nodeAffinity = "/spec/affinity/nodeAffinity";
	if (!shape.nodeAffinity) return { op: "add", path: nodeAffinity, value: { [list]: [term] } };
	if (!shape.preferredNodeAffinity) return { op: "add", path: `${nodeAffinity}/${list}`, value: [term] };
	return { op: "add", path: `${nodeAffinity}/${list}/-`, value: term };
}

/** RFC 6901. */
function escapePointer(key: string): string {
	return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
