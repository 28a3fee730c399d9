import type { Objective } from "../../core/policy/policy.ts";
import { gainUnit, improvement } from "../../core/recommendation/gain.ts";
import { bestOf, type Choice, type PlacementPolicy, type PolicyContext, type Sight, shown } from "./policy.ts";

/** Share of the target (of the current value without one): 3 of the original's 25. */
const MARGIN = 0.12;
/** Smoothed values need half of it: 1.5 of 25. */
const SMOOTHED_MARGIN = 0.06;
const SMOOTHING = 0.3;
const COOLDOWN_MS = 15 * 60_000;

/** The best prediction, if it is better than the current node's by a margin. */
export function margin({ policy: { objective } }: PolicyContext): PlacementPolicy {
	return { decide: (sight) => better(sight, sight.predicted, { objective, share: MARGIN }) };
}

/** The best of exponentially weighted means by a smaller margin, and no move within 15 minutes of another. */
export function smoothedMargin({ policy: { objective } }: PolicyContext): PlacementPolicy {
	let means = new Float64Array(0);
	let coolingUntil = Number.NEGATIVE_INFINITY;
	return {
		decide(sight) {
			means = smoothed(means, sight);
			if (sight.time < coolingUntil) return undefined;
			const choice = better(sight, means, { objective, share: SMOOTHED_MARGIN });
			if (choice) coolingUntil = sight.time + COOLDOWN_MS;
			return choice;
		},
	};
}

function better(
	sight: Sight,
	values: Float64Array,
	{ objective, share }: { readonly objective: Objective; readonly share: number },
): Choice | undefined {
	const best = bestOf(sight, values, objective.direction);
	const current = values[sight.current];
	if (best === undefined || best === sight.current || current === undefined || Number.isNaN(current)) return undefined;
	const lead = improvement(objective.direction, current, values[best] as number);
	const least = share * (gainUnit(objective, current) ?? 0);
	if (!(lead > least)) return undefined;
	return { node: best, reason: `better by ${shown(lead)}, more than ${shown(least)}` };
}

/** A missing prediction leaves a mean as it is. */
function smoothed(means: Float64Array, { predicted }: Sight): Float64Array<ArrayBuffer> {
	const next = new Float64Array(predicted.length).fill(Number.NaN);
	next.set(means);
	for (const [node, value] of predicted.entries()) {
		if (Number.isNaN(value)) continue;
		const mean = next[node] as number;
		next[node] = Number.isNaN(mean) ? value : mean + SMOOTHING * (value - mean);
	}
	return next;
}
