import { argmax } from "./argmax.ts";
import { margin, smoothedMargin } from "./margin.ts";
import { OURS, type RulePolicyName } from "./names.ts";
import { original } from "./original.ts";
import { ours } from "./ours.ts";
import type { PlacementPolicy, PolicyContext } from "./policy.ts";

/** Policies that decide from what was known at the time, by name. */
export const POLICIES: Readonly<Record<RulePolicyName, (context: PolicyContext) => PlacementPolicy>> = {
	[OURS]: ours,
	original,
	argmax,
	margin,
	"ewma-margin-cooldown": smoothedMargin,
};
