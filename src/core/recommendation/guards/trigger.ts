import { amount } from "../format.ts";
import { breaches } from "../gain.ts";
import { type Assessment, stay, unknown } from "../guard.ts";
import type { Decision } from "../recommendation.ts";

/** `Reactive` waits until the target is measured to be missed; `Proactive` needs a gain only. */
export function triggerGuard({ policy, current }: Assessment): Decision | undefined {
	const { objective, rebalance } = policy;
	if (rebalance.trigger === "Proactive") return undefined;
	if (objective.target === undefined) {
		return stay("WithinTarget", "the trigger is Reactive and the policy has no target that could be missed");
	}
	const { measured } = current;
	if (!measured.known) {
		const reason = measured.reason === "Stale" ? "MetricsStale" : "MetricsAbsent";
		return unknown(reason, `the trigger is Reactive and ${objective.metric} is ${measured.reason} as measured`);
	}
	if (breaches(objective, measured.value)) return undefined;
	const numbers = `measured ${amount(measured.value)}, target ${amount(objective.target)}`;
	return stay("WithinTarget", `${objective.metric} is within its target: ${numbers}`);
}
