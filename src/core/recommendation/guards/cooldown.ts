import { duration } from "../format.ts";
import { type Assessment, stay } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** After a move the workload rests, longer each time that a move went wrong. */
export function cooldownGuard({ standing, now }: Assessment): Decision | undefined {
	const { coolingUntil, setbacks } = standing;
	if (coolingUntil === undefined || coolingUntil <= now) return undefined;
	const after = setbacks === 0 ? "after its last move" : `after ${setbacks} moves in a row that went wrong`;
	return stay("CoolingDown", `it may move again in ${duration(coolingUntil - now)}, ${after}`);
}
