import type { Direction, Objective } from "../policy/policy.ts";
import type { Prediction } from "../prediction/prediction.ts";
import { INTERVAL_QUANTILE, normalQuantile } from "./normal.ts";

/** What moving would bring, as shares of the target (0.1 = 10 %). */
export interface Gain {
	/** What is expected. */
	readonly value: number;
	/** It is at least this much with the policy's confidence. */
	readonly lowerBound: number;
	/** The predictions that `value` compares, in the objective's unit. */
	readonly from: number;
	readonly to: number;
}

/** How much better `to` is than `from`, in the objective's unit; negative: worse. */
export function improvement(direction: Direction, from: number, to: number): number {
	return direction === "Maximize" ? to - from : from - to;
}

/** Whether a value misses the target; without a target nothing does. */
export function breaches(objective: Objective, value: number): boolean {
	return objective.target !== undefined && improvement(objective.direction, objective.target, value) < 0;
}

/**
 * The unit of gains: the target, or the current value where there is none. `undefined` when both are 0
 * or absent: then no share can be formed.
 */
export function gainUnit(objective: Objective, current: number): number | undefined {
	const unit = Math.abs(objective.target ?? current) || Math.abs(current);
	return unit > 0 ? unit : undefined;
}

/** Half of a 90 % interval times this reaches as far as the policy's confidence asks, were it normal. */
export function confidenceFactor(confidence: number): number {
	return normalQuantile(confidence) / INTERVAL_QUANTILE;
}

/** Distance from the value to the end of its interval on one side, at another confidence than its own. */
function reach(prediction: Prediction, side: "lower" | "upper", confidence: number): number {
	const halfWidth = Math.max(
		0,
		side === "lower" ? prediction.value - prediction.lower : prediction.upper - prediction.value,
	);
	return halfWidth * confidenceFactor(confidence);
}

/** The end of a prediction that is worst for the user, at the given confidence. */
export function pessimistic(prediction: Prediction, direction: Direction, confidence: number): number {
	return direction === "Minimize"
		? prediction.value + reach(prediction, "upper", confidence)
		: prediction.value - reach(prediction, "lower", confidence);
}

/**
 * The gain of leaving `current` for `candidate`. Its lower bound combines, as if independent, the side of
 * each interval that speaks against the move:
 *
 *     bound = gain - sqrt(reach(current, better side)^2 + reach(candidate, worse side)^2)
 *
 * This is the MOVER limit for a difference (Zou and Donner, Statistics in Medicine 27, 2008), which keeps
 * intervals asymmetric. With `Minimize`, target 100 and confidence 0.95:
 *
 *     | current         | candidate     | gain | bound |
 *     | 200 [190, 210]  | 100 [90, 110] | 1.0  | 0.86  |
 *     | 200 [160, 300]  | 100 [90, 130] | 1.0  | 0.50  |
 *     | 110 [100, 120]  | 100 [90, 110] | 0.1  | -0.04 |
 *
 * `undefined` when it cannot be expressed as a share.
 */
export function gainOf(
	current: Prediction,
	candidate: Prediction,
	{ objective, confidence }: { readonly objective: Objective; readonly confidence: number },
): Gain | undefined {
	const unit = gainUnit(objective, current.value);
	if (unit === undefined) return undefined;
	const { direction } = objective;
	const value = improvement(direction, current.value, candidate.value);
	const doubt = Math.hypot(
		reach(current, direction === "Minimize" ? "lower" : "upper", confidence),
		reach(candidate, direction === "Minimize" ? "upper" : "lower", confidence),
	);
	return {
		value: value / unit,
		lowerBound: (value - doubt) / unit,
		from: current.value,
		to: candidate.value,
	};
}
