import type { PlacementRecord } from "../migration/command.ts";

/** Annotation of pods and pod templates that holds a PlacementRecord as JSON. */
export const PLACEMENT_KEY = "kubectl-qos.dev/placement";

/** The placement that annotations carry; `undefined` when there is none or it is not ours to read. */
export function placementOf(annotations: Readonly<Record<string, string>>): PlacementRecord | undefined {
	const text = annotations[PLACEMENT_KEY];
	if (text === undefined) return undefined;
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return undefined;
	}
	return isRecord(parsed) ? parsed : undefined;
}

function isRecord(value: unknown): value is PlacementRecord {
	if (typeof value !== "object" || value === null) return false;
	const { policy, observedAt, domain, predicted, migration } = value as Readonly<Record<string, unknown>>;
	return (
		typeof policy === "string" &&
		typeof observedAt === "string" &&
		isOptional(domain, "string") &&
		isOptional(predicted, "number") &&
		isOptional(migration, "string")
	);
}

function isOptional(value: unknown, type: "string" | "number"): boolean {
	return value === undefined || typeof value === type;
}
