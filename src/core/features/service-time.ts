import { slowdown } from "../model/response.ts";
import { currentNodes, type Estimate, type EstimateInputs, robustEstimate, settledValues } from "./observed.ts";
import type { Situation } from "./situation.ts";

/** A latency target is commonly set at about three times the undisturbed service time; far from certain. */
const PRIOR = { shareOfTarget: 1 / 3, spread: 0.8 };

/** Utilization from where the slowdown (five times) is no longer told well. */
const BUSY = 0.8;

/**
 * What an objective to minimize would be on an idle node of speed 1, in its unit: measured values with
 * the current nodes' slowdown taken out, step by step. Without measurements a prior from the target;
 * without a target `undefined` (Unknown).
 */
export function serviceTime(situation: Situation, inputs: EstimateInputs): Estimate | undefined {
	return robustEstimate(serviceTimes(situation, inputs)) ?? prior(situation.objective.target);
}

/**
 * The service time to predict other nodes by. On a node this busy a small error of its load is a large one of its
 * slowdown, and what the load does not explain would look like work that the workload takes along: what is
 * remembered from quieter times counts instead.
 */
export function serviceTimeElsewhere(situation: Situation, inputs: EstimateInputs): Estimate | undefined {
	const remembered = isBusy(situation, inputs) ? inputs.speeds?.serviceTime(situation.workload) : undefined;
	return remembered ?? serviceTime(situation, inputs);
}

/** Whether a step that the service time is measured in saw the current nodes busy. */
function isBusy(situation: Situation, inputs: EstimateInputs): boolean {
	const current = currentNodes(situation, inputs);
	return settledValues(situation.objective.metric, situation, inputs).some((value, step) => {
		const met = current.reduce((sum, { share, utilization }) => sum + share * (utilization[step] ?? Number.NaN), 0);
		return value > 0 && met >= BUSY;
	});
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
