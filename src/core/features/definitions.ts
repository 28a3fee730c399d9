import type { MetricReader } from "../metrics/metric.ts";
import type { FeatureDefinition } from "../model/model.ts";
import type { Direction } from "../policy/policy.ts";

export const NODE_CPU_USAGE = "node_cpu_usage";
/** CPU use of containers that use more than they asked for, and what they asked for; both in cores. */
export const NODE_CPU_ELASTIC_USAGE = "node_cpu_elastic_usage";
export const NODE_CPU_ELASTIC_REQUESTS = "node_cpu_elastic_requests";
export const NODE_CPU_UTILIZATION_AFTER_MOVE = "node_cpu_utilization_after_move";
export const WORKLOAD_CPU_USAGE = "workload_cpu_usage";

/** Unit of a feature that is in the unit of whatever objective is given. */
const OBJECTIVE_UNIT = "*";

/** What a feature of the catalogue is; how it is computed stands in `columns.ts`. */
export interface KnownFeature {
	readonly scope: FeatureDefinition["scope"];
	readonly unit: string;
	/** Makes sense for objectives of this direction only; absent: for any. */
	readonly direction?: Direction;
}

export type DerivedFeature =
	| "node_cpu_utilization_after_move"
	| "node_relative_speed"
	| "workload_service_time"
	| "workload_service_time_spread"
	| "workload_nominal_rate"
	| "workload_nominal_rate_spread"
	| "workload_headroom_need"
	| "workload_cpu_demand"
	| "objective_after_move"
	| "objective_history_median"
	| "objective_history_max";

/**
 * Features that are computed rather than measured.
 * - `node_cpu_utilization_after_move`: CPU in use, on its way (ledger) and needed by the pod, over allocatable; what the
 *   pod's own CPU limit makes of it, if that is more (`throttling`).
 * - `node_relative_speed`: work that one request gets done per second on the idle node, 1 being a core of the
 *   reference: less than the core's speed on a node of less than one core.
 * - `workload_service_time`, `workload_nominal_rate`: the objective on an idle node of speed 1.
 * - `..._spread`: standard deviation of the logarithm of that estimate.
 * - `workload_headroom_need`: headroom that the nominal rate needs, 1 being an idle node of speed 1.
 * - `workload_cpu_demand`: cores of a node of speed 1 that one pod uses.
 * - `objective_after_move`: the measured objective, step by step, as the candidate's load after the move and its
 *   speed would have shaped it; on its own node, with nothing on its way there, what was measured.
 * - `objective_history_median`, `_max`: the objective's longer history, in as many parts as a window has steps: the
 *   median or the largest value of each, over the median of the window.
 */
const DERIVED_FEATURES: Readonly<Record<DerivedFeature, KnownFeature>> = {
	[NODE_CPU_UTILIZATION_AFTER_MOVE]: { scope: "Pair", unit: "ratio" },
	node_relative_speed: { scope: "Node", unit: "ratio" },
	workload_service_time: { scope: "Workload", unit: OBJECTIVE_UNIT, direction: "Minimize" },
	workload_service_time_spread: { scope: "Workload", unit: "ratio", direction: "Minimize" },
	workload_nominal_rate: { scope: "Workload", unit: OBJECTIVE_UNIT, direction: "Maximize" },
	workload_nominal_rate_spread: { scope: "Workload", unit: "ratio", direction: "Maximize" },
	workload_headroom_need: { scope: "Workload", unit: "ratio", direction: "Maximize" },
	workload_cpu_demand: { scope: "Workload", unit: "cores" },
	// A rate is capped by what is asked of the app: its headroom model answers better than a curve over its history.
	objective_after_move: { scope: "Pair", unit: OBJECTIVE_UNIT, direction: "Minimize" },
	objective_history_median: { scope: "Workload", unit: "ratio" },
	objective_history_max: { scope: "Workload", unit: "ratio" },
};

export function isDerived(name: string): name is DerivedFeature {
	return Object.hasOwn(DERIVED_FEATURES, name);
}

/** A feature by name: a derived one, or any metric of the catalogue; `undefined` when there is none. */
export function knownFeature(name: string, catalogue: Pick<MetricReader, "definition">): KnownFeature | undefined {
	return isDerived(name) ? DERIVED_FEATURES[name] : catalogue.definition(name);
}
