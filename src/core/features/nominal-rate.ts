import { slowdown } from "../model/response.ts";
import {
	type CurrentNode,
	currentNodes,
	type Estimate,
	type EstimateInputs,
	robustEstimate,
	settledValues,
} from "./observed.ts";
import type { Situation } from "./situation.ts";
import { median } from "./window.ts";

/** The rate that an app delivers undisturbed, in the objective's unit, and what it takes. */
export interface RateEstimate extends Estimate {
	/** Headroom that the rate needs: 1 is all of an idle node of speed 1. */
	readonly headroomNeed: number;
}

/** A rate target is commonly set a fifth below what the app delivers undisturbed; that needs little headroom. */
const PRIOR = { shareOfTarget: 1.25, spread: 0.3, headroomNeed: 0.2 };
/** An app that delivers its rate is taken to do so with some headroom to spare. */
const SPARE = 1.5;

/**
 * What an objective to maximize would be on an idle node, from measurements on the current ones. An app
 * at or above its target is undisturbed: its rate is what is measured, and it needs less headroom than
 * there is. One below is held back: its rate is guessed from the target, and what it delivers tells the
 * headroom that it would need. Without measurements a prior from the target; without a target too,
 * `undefined` (Unknown).
 */
export function nominalRate(situation: Situation, inputs: EstimateInputs): RateEstimate | undefined {
	const { metric, target } = situation.objective;
	const current = currentNodes(situation, inputs);
	const steps = settledValues(metric, situation, inputs)
		.map((rate, step) => ({ rate, headroom: headroom(current, step) }))
		.filter(({ rate, headroom }) => rate > 0 && headroom > 0);
	const delivered = robustEstimate(steps.map(({ rate }) => rate));
	if (delivered && !(target !== undefined && delivered.value < target)) {
		const available = median(steps.map(({ headroom }) => headroom)) ?? Number.NaN;
		return { ...delivered, headroomNeed: Math.min(PRIOR.headroomNeed, available / SPARE) };
	}
	if (target === undefined || !(target > 0)) return undefined;
	const value = target * PRIOR.shareOfTarget;
	const needs = steps.map(({ rate, headroom }) => (value * headroom) / rate);
	return { value, spread: PRIOR.spread, headroomNeed: median(needs) ?? PRIOR.headroomNeed };
}

/** Headroom left at a step, averaged over the pods: 1 on an idle node of speed 1; NaN is Unknown. */
function headroom(current: readonly CurrentNode[], step: number): number {
	return current.reduce(
		(sum, { share, pace, utilization }) => sum + (share * pace) / slowdown(utilization[step] ?? Number.NaN),
		0,
	);
}
