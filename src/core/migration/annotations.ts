/** Annotation of a Deployment that we pinned: what the nodeSelector key held before. */
export const PREVIOUS_PLACEMENT_KEY = "kubectl-qos.dev/previous-placement";

/** The content of the `kubectl-qos.dev/previous-placement` annotation. */
export interface PreviousPlacement {
	readonly topologyKey: string;
	/** `null`: the key was absent. */
	readonly value: string | null;
}

/** What the annotation says; `undefined` when no pin of ours stands or the text is not ours. */
export function previousPlacementOf(annotations: Readonly<Record<string, string>>): PreviousPlacement | undefined {
	const text = annotations[PREVIOUS_PLACEMENT_KEY];
	if (text === undefined) return undefined;
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof parsed !== "object" || parsed === null) return undefined;
	const { topologyKey, value } = parsed as Readonly<Record<string, unknown>>;
	if (typeof topologyKey !== "string" || (typeof value !== "string" && value !== null)) return undefined;
	return { topologyKey, value };
}

export function previousPlacementText(previous: PreviousPlacement): string {
	return JSON.stringify(previous);
}
