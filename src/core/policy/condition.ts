/**
 * `Ready`: the policy is in force. `MetricsAvailable`: what its objective and model need can be asked for.
 * `Conflict`: an older policy governs some of what it selects.
 */
export interface PolicyCondition {
	readonly type: "Ready" | "MetricsAvailable" | "Conflict";
	readonly status: "True" | "False" | "Unknown";
	/** CamelCase. */
	readonly reason: string;
	readonly message: string;
}
