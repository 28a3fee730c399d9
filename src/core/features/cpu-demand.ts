import { WORKLOAD_CPU_USAGE } from "./definitions.ts";
import { currentNodes, type EstimateInputs, settledValues } from "./observed.ts";
import { runningPods, type Situation } from "./situation.ts";
import type { LimitUse } from "./throttling.ts";
import { median } from "./window.ts";

/** CPU that the scheduler assumes of a container without a request (DefaultMilliCPURequest). */
const DEFAULT_CPU_REQUEST = 0.1;

/**
 * Cores of a node of speed 1 that one pod uses: the median measured over the window, else its CPU
 * request, else what the scheduler assumes.
 */
export function cpuDemand(situation: Situation, inputs: EstimateInputs): number {
	return measuredDemand(situation, inputs) ?? (situation.cpuRequest > 0 ? situation.cpuRequest : DEFAULT_CPU_REQUEST);
}

/** What one pod wants of its CPU limit on a node of speed 1; `undefined` without a limit, or a measurement. */
export function limitUse(situation: Situation, inputs: EstimateInputs): LimitUse | undefined {
	const { cpuLimit: limit } = situation;
	if (limit === undefined) return undefined;
	const demand = measuredDemand(situation, inputs);
	return demand === undefined ? undefined : { share: demand / limit, limit };
}

function measuredDemand(situation: Situation, inputs: EstimateInputs): number | undefined {
	const speed = currentNodes(situation, inputs).reduce((sum, node) => sum + node.share * node.speed, 0);
	const usage = median(settledValues(WORKLOAD_CPU_USAGE, situation, inputs).filter((value) => !Number.isNaN(value)));
	return usage !== undefined && speed > 0 ? (usage / runningPods(situation)) * speed : undefined;
}
