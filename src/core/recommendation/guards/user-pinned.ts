import { pinOf } from "../../migration/annotations.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** A value of the key that the user chose is never replaced. */
export function userPinnedGuard({ workload, policy }: Assessment): Decision | undefined {
	const { topologyKey } = policy.placement;
	const held = workload.template.scheduling.nodeSelector[topologyKey];
	if (held === undefined || pinOf(workload)?.topologyKey === topologyKey) return undefined;
	return stay("UserPinned", `the template's nodeSelector says ${topologyKey}=${held}`);
}
