import { slowdown } from "../model/response.ts";
import { currentNodes, type Estimate, type EstimateInputs, robustEstimate, settledValues } from "./observed.ts";
import type { Situation } from "./situation.ts";

/** A latency target is commonly set at about three times the undisturbed service time; far from certain. */
const PRIOR = { shareOfTarget: 1 / 3, spread: 0.8 };

/**
 * What an objective to minimize would be on an idle node of speed 1, in its unit: measured values with
 * the current nodes' slowdown taken out, step by step. Without measurements a prior from the target;
 * without a target `undefined` (Unknown).
 */
export function serviceTime(situation: Situation, inputs: EstimateInputs): Estimate | undefined {
	return robustEstimate(serviceTimes(situation, inputs)) ?? prior(situation.objective.target);
}

/** The measured objective with the current nodes' slowdown taken out, by step of the window; NaN is Unknown. */
export function serviceTimes(situation: Situation, inputs: EstimateInputs): number[] {
	const current = currentNodes(situation, inputs);
	const measured = settledValues(situation.objective.metric, situation, inputs);
	return measured.map((value, step) => {
		const effects = current.map(
			({ share, pace, utilization }) => (share * slowdown(utilization[step] ?? Number.NaN)) / pace,
		);
		return value / effects.reduce((sum, effect) => sum + effect, 0);
	});
}

function prior(target: number | undefined): Estimate | undefined {
	if (target === undefined || !(target > 0)) return undefined;
	return { value: target * PRIOR.shareOfTarget, spread: PRIOR.spread };
}
