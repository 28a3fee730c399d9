export const OURS = "kubectl-qos";
export const ORACLE = "oracle";

/** All that can be compared, ours first and the oracle, which knows what comes, last. */
export const POLICY_NAMES = [OURS, "original", "argmax", "margin", "ewma-margin-cooldown", ORACLE] as const;

/** Those that decide from what was known at the time. */
export type RulePolicyName = Exclude<(typeof POLICY_NAMES)[number], typeof ORACLE>;
