import type { RolloutStrategy } from "../cluster/workload.ts";
import type { Policy } from "../policy/policy.ts";

/** Seconds from a pod's creation to its full service: image, start, readiness, warm caches. */
const STARTUP_SECONDS = 30;

/** Without a surge nobody serves while the new pod starts: all of it is lost. */
const LOST_WITHOUT_SURGE = 1;

/**
 * With a surge the old pod serves until the new one is ready. A fifth is charged for what remains: both
 * copies load the cluster, connections are made anew and caches are cold.
 */
const LOST_WITH_SURGE = 0.2;

/** Whether a rollout with this strategy starts the new pod before it stops the old one. */
function surges(strategy: RolloutStrategy): boolean {
	return strategy.type === "RollingUpdate" && strategy.maxSurge > 0;
}

/**
 * What a move costs, as a share of the target, like gains: the service lost while the pod starts, spread
 * over the time that the move is expected to hold, which is the longer of cooldown (no sooner is it
 * moved again) and horizon (so far the prediction looks).
 *
 *     | strategy | cooldown | horizon | cost  |
 *     | surge    | 15m      | 5m      | 0.7 % |
 *     | surge    | 0        | 5m      | 2 %   |
 *     | Recreate | 15m      | 5m      | 3.3 % |
 */
export function moveCost({ objective, rebalance }: Policy, strategy: RolloutStrategy): number {
	const holdSeconds = Math.max(rebalance.cooldownSeconds, objective.horizonSeconds, STARTUP_SECONDS);
	return (STARTUP_SECONDS / holdSeconds) * (surges(strategy) ? LOST_WITH_SURGE : LOST_WITHOUT_SURGE);
}
