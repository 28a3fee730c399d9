import type { ModelMetadata } from "../model/model.ts";
import { cpuDemand, limitUse } from "./cpu-demand.ts";
import { type DerivedFeature, isDerived } from "./definitions.ts";
import { nominalRate, type RateEstimate } from "./nominal-rate.ts";
import { type HistoryColumn, idleObjective, relativeHistory, SUMMARIES } from "./objective-history.ts";
import type { Estimate, EstimateInputs } from "./observed.ts";
import { excess } from "./range.ts";
import { serviceTime, serviceTimeElsewhere } from "./service-time.ts";
import type { Situation } from "./situation.ts";
import type { LimitUse } from "./throttling.ts";
import { fillGaps, type WindowQuality } from "./window.ts";

/** The workload side of a model's input, the same for every node. */
export type WorkloadColumns =
	| {
			readonly known: true;
			/** Cores of a node of speed 1 that one pod uses. */
			readonly cpuDemand: number;
			/** On a node of speed 1; absent: it has no limit, or its demand is not known. */
			readonly limitUse: LimitUse | undefined;
			/** By column of the model, its last `window` values; absent where the node decides. */
			readonly windows: readonly (Float32Array | undefined)[];
			/** By column, the value that stands in for the window on the nodes where it runs now; absent: none does. */
			readonly here: readonly (number | undefined)[];
			/** For `objective_after_move`: the objective on an idle node of speed 1, by step of the model's window. */
			readonly idleObjective: Float32Array | undefined;
			/** Largest share of missing steps and largest excess of these columns. */
			readonly missing: number;
			readonly excess: number;
	  }
	| { readonly known: false; readonly reason: "MetricsAbsent" | "MetricsStale"; readonly message: string };

interface Estimates {
	readonly cpuDemand: number;
	/** For an objective to minimize: on the nodes where it runs now, and on others. */
	readonly serviceTime: Estimate | undefined;
	readonly serviceTimeElsewhere: Estimate | undefined;
	/** For an objective to maximize. */
	readonly nominalRate: RateEstimate | undefined;
}

/** Reads and infers a workload's columns; Unknown as a whole when one of them is. */
export function workloadColumns(
	metadata: ModelMetadata,
	situation: Situation,
	inputs: EstimateInputs,
): WorkloadColumns {
	const estimates = estimate(situation, inputs);
	const windows: (Float32Array | undefined)[] = [];
	let missing = 0;
	let outside = 0;
	let idle: HistoryColumn | undefined;
	for (const feature of metadata.features) {
		if (feature.name === "objective_after_move") {
			idle = idleObjective(situation, inputs);
			if (idle.state !== "Known") return unknown(situation.objective.metric, idle.state, situation);
			missing = Math.max(missing, idle.missing);
			outside = Math.max(outside, idle.excess);
		}
		if (feature.scope !== "Workload") {
			windows.push(undefined);
			continue;
		}
		const { values, ...quality } = read(feature.name, { situation, inputs, estimates });
		const used = values.subarray(values.length - metadata.window);
		if (quality.state !== "Known") {
			if (feature.default === undefined) return unknown(feature.name, quality.state, situation);
			windows.push(used.fill(feature.default));
			continue;
		}
		windows.push(used);
		missing = Math.max(missing, quality.missing);
		outside = Math.max(outside, excess(feature, Math.min(...used), Math.max(...used)));
	}
	const idleWindow = idle?.values.subarray(idle.values.length - metadata.window);
	return {
		known: true,
		cpuDemand: estimates.cpuDemand,
		limitUse: limitUse(situation, inputs),
		windows,
		here: metadata.features.map(({ name }) => hereValue(name, estimates)),
		idleObjective: idleWindow,
		missing,
		excess: outside,
	};
}

function read(
	feature: string,
	from: { readonly situation: Situation; readonly inputs: EstimateInputs; readonly estimates: Estimates },
): WindowQuality & { readonly values: Float32Array } {
	const { situation, inputs, estimates } = from;
	const summary = SUMMARIES.get(feature);
	if (summary) return { state: "Known", missing: 0, values: relativeHistory(summary, situation, inputs) };
	const values = new Float32Array(inputs.metrics.steps);
	const quality = isDerived(feature)
		? fillDerived(derivedValue(feature, estimates), values)
		: fillGaps(inputs.metrics.window(feature, situation.workload, inputs.now), { values, offset: 0 });
	return { ...quality, values };
}

function estimate(situation: Situation, inputs: EstimateInputs): Estimates {
	const isTime = situation.objective.direction === "Minimize";
	return {
		cpuDemand: cpuDemand(situation, inputs),
		serviceTime: isTime ? serviceTime(situation, inputs) : undefined,
		serviceTimeElsewhere: isTime ? serviceTimeElsewhere(situation, inputs) : undefined,
		nominalRate: isTime ? undefined : nominalRate(situation, inputs),
	};
}

function fillDerived(value: number | undefined, values: Float32Array): WindowQuality {
	values.fill(value ?? Number.NaN);
	return value === undefined ? { state: "Absent", missing: 1 } : { state: "Known", missing: 0 };
}

function hereValue(feature: string, { serviceTime, serviceTimeElsewhere }: Estimates): number | undefined {
	if (serviceTime?.value === serviceTimeElsewhere?.value) return undefined;
	if (feature === "workload_service_time") return serviceTime?.value;
	return feature === "workload_service_time_spread" ? serviceTime?.spread : undefined;
}

function derivedValue(feature: DerivedFeature, estimates: Estimates): number | undefined {
	switch (feature) {
		case "workload_service_time":
			return estimates.serviceTimeElsewhere?.value;
		case "workload_service_time_spread":
			return estimates.serviceTimeElsewhere?.spread;
		case "workload_nominal_rate":
			return estimates.nominalRate?.value;
		case "workload_nominal_rate_spread":
			return estimates.nominalRate?.spread;
		case "workload_headroom_need":
			return estimates.nominalRate?.headroomNeed;
		case "workload_cpu_demand":
			return estimates.cpuDemand;
		case "node_relative_speed":
		case "node_cpu_utilization_after_move":
		case "objective_after_move":
		case "objective_history_median":
		case "objective_history_max":
			return undefined;
	}
}

function unknown(feature: string, state: "Absent" | "Stale", situation: Situation): WorkloadColumns {
	const { metric, target } = situation.objective;
	if (isDerived(feature)) {
		return {
			known: false,
			reason: "MetricsAbsent",
			message: `${metric} of ${situation.workload} was not measured on its nodes yet${target === undefined ? " and the objective has no target to start from; set objective.target" : ""}`,
		};
	}
	return state === "Absent"
		? {
				known: false,
				reason: "MetricsAbsent",
				message: `${feature} of ${situation.workload} has no measurement; check the metric's query and labels`,
			}
		: {
				known: false,
				reason: "MetricsStale",
				message: `the newest ${feature} of ${situation.workload} is too old; check its exporter`,
			};
}
