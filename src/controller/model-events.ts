import type { CommandOf } from "../core/migration/command.ts";
import type { ModelRegistry, ModelResolution } from "../core/model/model.ts";
import type { Policy } from "../core/policy/policy.ts";

type PolicyEvent = CommandOf<"RecordPolicyEvent">;

/** What was told of a policy's model last. */
interface Told {
	/** `name version (sha256 ...)`; `undefined`: it has none. */
	readonly model: string | undefined;
	/** Why it has none or an earlier one. */
	readonly problem: string | undefined;
}

/** Events on policies whose model changes, is kept or is refused: one for each change. */
export class ModelEvents {
	/** By uid. */
	private readonly told = new Map<string, Told>();

	look(policies: Iterable<Policy>, models: ModelRegistry): PolicyEvent[] {
		const events: PolicyEvent[] = [];
		const seen = new Set<string>();
		for (const policy of policies) {
			seen.add(policy.uid);
			const resolution = models.resolve(policy.model, policy.objective);
			// In a moment there is more to tell.
			if (resolution.refused && resolution.reason === "Loading") continue;
			const before = this.told.get(policy.uid);
			const now = toldOf(resolution);
			this.told.set(policy.uid, now);
			const event = change(before, now, resolution);
			const { namespace, name, uid } = policy;
			if (event) events.push({ kind: "RecordPolicyEvent", policy: { namespace, name, uid }, ...event });
		}
		for (const uid of this.told.keys()) if (!seen.has(uid)) this.told.delete(uid);
		return events;
	}
}

function toldOf(resolution: ModelResolution): Told {
	if (resolution.refused) return { model: undefined, problem: newsOf(resolution) };
	const { name, version, sha256 } = resolution.model.reference;
	return {
		model: `${name} ${version} (sha256 ${sha256.slice(0, 12)})`,
		problem: resolution.kept && newsOf(resolution.kept),
	};
}

/** Words about a server that is out of reach change from try to try. */
function newsOf({ reason, message }: { reason: string; message: string }): string {
	return reason === "Unreachable" ? reason : message;
}

type News = Pick<PolicyEvent, "type" | "reason" | "message">;

/** The event that a change is worth; `undefined`: there is none. A model that is fine at the first look is no news. */
function change(before: Told | undefined, now: Told, resolution: ModelResolution): News | undefined {
	const problemIsNews = before?.problem !== now.problem;
	if (before?.model === now.model && !problemIsNews) return undefined;
	if (resolution.refused) return { type: "Warning", reason: "ModelRefused", message: resolution.message };
	if (resolution.kept && problemIsNews) {
		const message = `${now.model} stays in service: ${resolution.kept.message}`;
		return { type: "Warning", reason: "ModelKept", message };
	}
	return before && inService(before.model, now.model);
}

function inService(before: string | undefined, now: string | undefined): News {
	if (before === undefined) return { type: "Normal", reason: "ModelReady", message: `${now} is in service` };
	if (before === now)
		return { type: "Normal", reason: "ModelReady", message: `${now} is what the policy asks for again` };
	return { type: "Normal", reason: "ModelSwitched", message: `${now} has replaced ${before}` };
}
