import { argmax } from "./argmax.ts";
import { margin, smoothedMargin } from "./margin.ts";
import { original } from "./original.ts";
import { ours } from "./ours.ts";
import type { PlacementPolicy, PolicyContext } from "./policy.ts";

export const OURS = "kubectl-qos";
export const ORACLE = "oracle";

/** Policies that decide from what was known at the time, by name. */
export const POLICIES: Readonly<Record<string, (context: PolicyContext) => PlacementPolicy>> = {
	[OURS]: ours,
	original,
	argmax,
	margin,
	"ewma-margin-cooldown": smoothedMargin,
};

/** All that can be compared, ours first and the oracle, which knows what comes, last. */
export const POLICY_NAMES: readonly string[] = [...Object.keys(POLICIES), ORACLE];
