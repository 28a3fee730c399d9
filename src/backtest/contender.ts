import type { Measurement } from "../core/metrics/metric.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { Choice, PlacementPolicy, PolicyContext } from "./policies/policy.ts";
import type { Outlook } from "./scoring/scene.ts";
import { ACTUAL, LOWER, PREDICTED, UPPER } from "./trace/layout.ts";
import type { Tick, WorkloadTick } from "./trace/ticks.ts";

/** Where a contender has put a workload, and what is measured there. */
export interface Situation {
	/** ms since the epoch. */
	readonly time: number;
	readonly current: number;
	readonly measured: Measurement;
	readonly stepSeconds: number;
}

/** What a contender makes of one tick of one workload. */
export interface Step {
	/** `undefined`: stay. */
	readonly choice: Choice | undefined;
	/** The predictions that it was made from, where they are for this tick. */
	readonly outlook?: Outlook | undefined;
	/** What became known at this tick of earlier predictions over a horizon. */
	readonly graded?: readonly Graded[] | undefined;
}

/** What came of one prediction. */
export interface Graded {
	/** Absolute, in the objective's unit. */
	readonly error: number;
	/** Whether its interval held what came. */
	readonly isCovered: boolean;
}

/** One policy on its way through a trace, with all workloads. */
export interface Contender {
	readonly name: string;
	/** What it takes to decide a tick, for all workloads together. */
	readonly prepare?: (tick: Tick, situations: ReadonlyMap<string, Situation>) => Promise<void>;
	step(tick: WorkloadTick, situation: Situation): Step;
}

/** A policy that is given the predictions of the trace. */
export function predictionContender(
	name: string,
	create: (context: PolicyContext) => PlacementPolicy,
	policy: Policy,
): Contender {
	const policies = new Map<string, PlacementPolicy>();
	return {
		name,
		step(tick, { time, current, measured, stepSeconds }) {
			const { workload, nodes, present } = tick;
			let own = policies.get(workload);
			if (!own) {
				own = create({ policy, workload, stepSeconds });
				policies.set(workload, own);
			}
			const outlook = predictionsOf(tick);
			return { outlook, choice: own.decide({ time, nodes, present, current, measured, ...outlook }) };
		},
	};
}

/** The predictions that a tick of a predictions trace holds. */
function predictionsOf({ columns }: WorkloadTick): Outlook {
	return { predicted: columns[PREDICTED] as Float64Array, lower: columns[LOWER], upper: columns[UPPER] };
}

/** The actual values of a tick of a predictions trace. */
export function actualOf({ columns }: WorkloadTick): Float64Array {
	return columns[ACTUAL] as Float64Array;
}
