import type { Workload } from "../cluster/workload.ts";
import type { PlacementRecord } from "./command.ts";

/** On pods and pod templates: a PlacementRecord as JSON. */
export const PLACEMENT_KEY = "kubectl-qos.dev/placement";

/** On Deployments that we pinned: what the nodeSelector key held before, a PreviousPlacement as JSON. */
export const PREVIOUS_PLACEMENT_KEY = "kubectl-qos.dev/previous-placement";

export interface PreviousPlacement {
	readonly topologyKey: string;
	/** `null`: the key was absent. */
	readonly value: string | null;
}

type Annotations = Readonly<Record<string, string>>;

export function encodePlacement(record: PlacementRecord): string {
	return JSON.stringify(record);
}

/** The placement that annotations carry; `undefined` when there is none, or it is not ours to read. */
export function placementOf(annotations: Annotations): PlacementRecord | undefined {
	const parsed = parseObject(annotations[PLACEMENT_KEY]);
	if (!parsed) return undefined;
	const { node, domain, predicted, policy, observedAt, migration, replaces, reverts } = parsed;
	if (typeof policy !== "string" || typeof observedAt !== "string") return undefined;
	return {
		...text("node", node),
		...text("domain", domain),
		...(typeof predicted === "number" && Number.isFinite(predicted) && { predicted }),
		policy,
		observedAt,
		...text("migration", migration),
		...text("replaces", replaces),
		...text("reverts", reverts),
	};
}

/** What the nodeSelector held before; `undefined` when no pin of ours stands or the text is not ours. */
export function previousPlacementOf(annotations: Annotations): PreviousPlacement | undefined {
	const { topologyKey, value } = parseObject(annotations[PREVIOUS_PLACEMENT_KEY]) ?? {};
	if (typeof topologyKey !== "string" || (typeof value !== "string" && value !== null)) return undefined;
	return { topologyKey, value };
}

export function previousPlacementText(previous: PreviousPlacement): string {
	return JSON.stringify(previous);
}

/** A pin of ours that stands in a pod template. */
export interface Pin {
	readonly topologyKey: string;
	readonly domain: string;
	/** What the key held before; `undefined`: absent. */
	readonly restore: string | undefined;
	readonly placement: PlacementRecord;
}

/**
 * Our pin in a workload's template: both annotations and the nodeSelector agree. `undefined` when there
 * is none, or somebody has changed the selector since: then it is theirs.
 */
export function pinOf(workload: Pick<Workload, "annotations" | "template">): Pin | undefined {
	const { annotations, template } = workload;
	const placement = placementOf(template.annotations);
	const previous = previousPlacementOf(annotations);
	if (placement?.domain === undefined || !previous) return undefined;
	const { topologyKey, value } = previous;
	if (template.scheduling.nodeSelector[topologyKey] !== placement.domain) return undefined;
	return { topologyKey, domain: placement.domain, restore: value ?? undefined, placement };
}

function text<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
	return typeof value === "string" ? ({ [name]: value } as Record<Name, string>) : {};
}

function parseObject(json: string | undefined): Readonly<Record<string, unknown>> | undefined {
	if (json === undefined) return undefined;
	try {
		const parsed: unknown = JSON.parse(json);
		return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
	} catch {
		return undefined;
	}
}
