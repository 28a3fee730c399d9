import type { Direction } from "../../core/policy/policy.ts";
import type { Outlook, Scene } from "./scene.ts";

/** What a policy's way through a trace adds up to. */
export interface Tally {
	/** Ticks of workloads that count. */
	ticks: number;
	/** Sum of the values where the workloads were, in the objective's unit. */
	value: number;
	/** Sum of what the moves cost, in the objective's unit; never negative. */
	charge: number;
	/** Seconds in which the target was missed. */
	violationSeconds: number;
	/** Sum and number of the errors of predictions for the nodes where the workloads were. */
	errorSum: number;
	errors: number;
	/** Intervals for these nodes, and those that held the actual value. */
	intervals: number;
	covered: number;
	moves: number;
	pingPongs: number;
}

export function emptyTally(): Tally {
	return {
		ticks: 0,
		value: 0,
		charge: 0,
		violationSeconds: 0,
		errorSum: 0,
		errors: 0,
		intervals: 0,
		covered: 0,
		moves: 0,
		pingPongs: 0,
	};
}

/** Adds one tick on one node. */
export function count(tally: Tally, scene: Scene, { node, outlook, stepSeconds }: Stay): void {
	if (scene.counts) {
		tally.ticks += 1;
		tally.value += scene.values[node] as number;
	}
	if (scene.violated[node] === 1) tally.violationSeconds += stepSeconds;
	const error = errorOf(scene, outlook, node);
	if (!Number.isNaN(error)) {
		tally.errorSum += error;
		tally.errors += 1;
	}
	const covered = coverageOf(scene, outlook, node);
	if (!Number.isNaN(covered)) {
		tally.covered += covered;
		tally.intervals += 1;
	}
}

interface Stay {
	readonly node: number;
	readonly outlook: Outlook | undefined;
	readonly stepSeconds: number;
}

/** NaN when there is no prediction or no actual value. */
export function errorOf({ actual }: Scene, outlook: Outlook | undefined, node: number): number {
	return Math.abs((outlook?.predicted[node] ?? Number.NaN) - (actual[node] ?? Number.NaN));
}

/** 1 when the interval holds the actual value, 0 when not, NaN when there is none of either. */
export function coverageOf({ actual }: Scene, outlook: Outlook | undefined, node: number): number {
	const lower = outlook?.lower?.[node] ?? Number.NaN;
	const upper = outlook?.upper?.[node] ?? Number.NaN;
	const value = actual[node] ?? Number.NaN;
	if (Number.isNaN(lower + upper + value)) return Number.NaN;
	return lower <= value && value <= upper ? 1 : 0;
}

/** The figures of one policy. Absent is Unknown: there was nothing to reckon them from. */
export interface Figures {
	readonly moveCount: number;
	/** Moves back to the node that the workload's move before had left. */
	readonly pingPongs: number;
	/** Summed over workloads; absent without a target. */
	readonly violationSeconds: number | undefined;
	/** Mean of the actual values where the workloads were, in the objective's unit. */
	readonly meanQos: number | undefined;
	/** The same net of moves: each costs 30 s of the value where it leads to. */
	readonly eff: number | undefined;
	/** How much worse `eff` is than the oracle's; never negative. */
	readonly regret: number | undefined;
	/** Mean absolute error of the predictions for the nodes where the workloads were. */
	readonly mae: number | undefined;
	/** Share of these predictions' intervals that held the actual value. */
	readonly coverage: number | undefined;
}

export function figuresOf(
	tally: Tally,
	{ direction, best, hasTarget }: { readonly direction: Direction; readonly best: Tally; readonly hasTarget: boolean },
): Figures {
	const eff = effOf(tally, direction);
	const oracle = effOf(best, direction);
	const sign = direction === "Maximize" ? 1 : -1;
	return {
		moveCount: tally.moves,
		pingPongs: tally.pingPongs,
		violationSeconds: hasTarget ? tally.violationSeconds : undefined,
		meanQos: ratio(tally.value, tally.ticks),
		eff,
		regret: eff === undefined || oracle === undefined ? undefined : Math.max(0, sign * (oracle - eff)),
		mae: ratio(tally.errorSum, tally.errors),
		coverage: ratio(tally.covered, tally.intervals),
	};
}

function effOf({ value, charge, ticks }: Tally, direction: Direction): number | undefined {
	return ratio(direction === "Maximize" ? value - charge : value + charge, ticks);
}

function ratio(sum: number, number: number): number | undefined {
	return number === 0 ? undefined : sum / number;
}
