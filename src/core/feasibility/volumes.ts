import type { Node } from "../cluster/node.ts";
import type { VolumeZone } from "../cluster/state.ts";
import { type Check, labelOf, lazy } from "./check.ts";
import { matchesTerms } from "./node-affinity.ts";
import { placedGroups } from "./placed-pods.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

function claimsOf({ namespace, scheduling }: PodToPlace, { volumeClaims }: FeasibilityContext["cluster"]) {
	return scheduling.volumeClaims.map((name) => ({ name, claim: volumeClaims.get(`${namespace}/${name}`) }));
}

/** Claims that do not exist, or that no pod can use now, on whatever node. */
export function volumeClaimsCheck(pod: PodToPlace, { cluster }: FeasibilityContext): Check | undefined {
	const claims = claimsOf(pod, cluster);
	const missing = claims.find(({ claim }) => claim === undefined);
	const message = missing
		? `persistentvolumeclaim "${missing.name}" not found`
		: claims.find(({ claim }) => claim?.refusal !== undefined)?.claim?.refusal;
	if (message === undefined) return undefined;
	const verdict = infeasible("VolumeClaimUnusable", message);
	return () => verdict;
}

/** Claims with the access mode ReadWriteOncePod: a second pod waits wherever it is, but staying is no second pod. */
export function volumeInUseCheck(pod: PodToPlace, context: FeasibilityContext): Check | undefined {
	const exclusive = claimsOf(pod, context.cluster).flatMap(({ name, claim }) => (claim?.singlePod ? [name] : []));
	if (exclusive.length === 0) return undefined;
	const holders = lazy(() =>
		[...placedGroups(context)]
			.filter(({ namespace }) => namespace === pod.namespace)
			.flatMap((group) => [...group.placed()])
			.filter((other) => exclusive.some((name) => other.pod.scheduling.volumeClaims.includes(name))),
	);
	return (node) => {
		const held = holders().some((holder) => !(pod.replacing.has(holder.pod.uid) && holder.node.name === node.name));
		if (!held) return FEASIBLE;
		return infeasible(
			"VolumeInUse",
			"node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
		);
	};
}

/** Volumes reach only some nodes, and a claim that waits for a node can be bound on some only. */
export function volumesCheck(pod: PodToPlace, { cluster }: FeasibilityContext): Check | undefined {
	const claims = claimsOf(pod, cluster).flatMap(({ claim }) => claim ?? []);
	if (claims.length === 0) return undefined;
	const zones = claims.flatMap((claim) => claim.zones);
	return (node) => {
		const outOfReach = claims.filter(({ nodeAffinity }) => !matchesTerms(node, nodeAffinity));
		if (outOfReach.length > 0) {
			const reasons: string[] = [];
			if (outOfReach.some(({ bound }) => bound)) reasons.push("node(s) didn't match PersistentVolume's node affinity");
			if (outOfReach.some(({ bound }) => !bound))
				reasons.push("node(s) didn't find available persistent volumes to bind");
			return infeasible("VolumeNodeAffinityConflict", reasons.join(", "));
		}
		if (!isZoned(node) || zones.every((zone) => isIn(node, zone))) return FEASIBLE;
		return infeasible("VolumeZoneConflict", "node(s) had no available volume zone");
	};
}

/** The keys of the zone and region labels, with the old names that both nodes and volumes may still use. */
const CURRENT_NAMES: ReadonlyMap<string, string> = new Map([
	["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
	["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
]);
const ZONE_KEYS = [...CURRENT_NAMES].flat();

/** In a cluster of one zone nodes may have no such label; then volumes fit everywhere. */
function isZoned(node: Node): boolean {
	return ZONE_KEYS.some((key) => labelOf(node, key) !== undefined);
}

function isIn(node: Node, { key, values }: VolumeZone): boolean {
	const value = labelOf(node, key) ?? labelOf(node, CURRENT_NAMES.get(key) ?? key);
	return value !== undefined && values.includes(value);
}
