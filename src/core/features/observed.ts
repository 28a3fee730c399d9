import type { MetricReader } from "../metrics/metric.ts";
import { Contention } from "./contention.ts";
import { NODE_CPU_USAGE, WORKLOAD_CPU_USAGE } from "./definitions.ts";
import { NO_ROW, type NodeTable } from "./node-table.ts";
import { runningPods, type Situation } from "./situation.ts";
import type { NodeSpeeds } from "./speed.ts";
import { type LimitUse, throttling } from "./throttling.ts";
import { MIXED_STEPS, median } from "./window.ts";

/** What a workload's estimates are read from. */
export interface EstimateInputs {
	readonly metrics: MetricReader;
	readonly nodes: NodeTable;
	/** Absent: nothing was learned. */
	readonly speeds?: NodeSpeeds | undefined;
	/** ms since the epoch. */
	readonly now: number;
}

/** A node that the workload runs on. */
export interface CurrentNode {
	/** Share of the workload's pods. */
	readonly share: number;
	/** Relative speed of a core, and what one request gets of it (`paceOf`); NaN is Unknown. */
	readonly speed: number;
	readonly pace: number;
	/** Measured CPU utilization by step as the workload's pods meet it, without the ledger; NaN is Unknown. */
	readonly utilization: Float64Array;
}

export function currentNodes(situation: Situation, { metrics, nodes, now }: EstimateInputs): readonly CurrentNode[] {
	const pods = runningPods(situation);
	const contention = new Contention(nodes, situation.cpuRequest);
	const used = usageOfLimit(situation, { metrics, now }, pods);
	return Array.from(situation.currentNodes, ([name, count]) => {
		const row = nodes.row(name);
		const at = (series: Float32Array): number => (row === NO_ROW ? Number.NaN : (series[row] as number));
		const [cores, speed, pace] = [at(nodes.cores), at(nodes.speed), at(nodes.pace)];
		const less = contention.relief(row);
		return {
			share: count / pods,
			speed,
			pace,
			utilization: metrics.window(NODE_CPU_USAGE, name, now).map((usage, step) => {
				const throttled = used ? throttling(used(step), pace / speed) : 0;
				return Math.max(usage / cores - (less?.[step] ?? 0), throttled);
			}),
		};
	});
}

/** CPU use over limit of one pod, by step of the window; `undefined` without a limit. NaN, Unknown, limits nobody. */
function usageOfLimit(
	{ workload, currentCpuLimit: limit }: Situation,
	{ metrics, now }: Pick<EstimateInputs, "metrics" | "now">,
	pods: number,
): ((step: number) => LimitUse) | undefined {
	if (limit === undefined) return undefined;
	const usage = metrics.window(WORKLOAD_CPU_USAGE, workload, now);
	return (step) => ({ share: (usage[step] || 0) / pods / limit, limit });
}

/** The window of a workload metric; what speaks of before the pods settled is NaN (Unknown) too. */
export function settledValues(metric: string, situation: Situation, inputs: EstimateInputs): number[] {
	return settled(inputs.metrics.window(metric, situation.workload, inputs.now), situation, inputs);
}

/** All that is kept of a workload metric, in the same way. */
export function settledHistory(metric: string, situation: Situation, inputs: EstimateInputs): number[] {
	return settled(inputs.metrics.history(metric, situation.workload, inputs.now), situation, inputs);
}

function settled(values: Float64Array, { settledSince }: Situation, { metrics, now }: EstimateInputs): number[] {
	const window = Array.from(values);
	if (settledSince === undefined) return window;
	const stepMilliseconds = metrics.stepSeconds * 1000;
	const newestStep = Math.floor(now / stepMilliseconds);
	return window.map((value, index) => {
		const startOfStep = (newestStep - (window.length - 1 - index)) * stepMilliseconds;
		return startOfStep < settledSince + MIXED_STEPS * stepMilliseconds ? Number.NaN : value;
	});
}

/** A positive quantity and the standard deviation of its logarithm. */
export interface Estimate {
	readonly value: number;
	readonly spread: number;
}

/** What stays uncertain of a median even of many samples, and what a single one adds. */
export const LEAST_SPREAD = 0.05;
const SPREAD_OF_ONE = 0.2;
/** Standard deviation over median absolute deviation of a normal distribution. */
const SIGMA_PER_MAD = 1.4826;

/** The median of the positive finite values, with a robust spread; `undefined` without any. */
export function robustEstimate(values: readonly number[]): Estimate | undefined {
	const logarithms = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log);
	const middle = median(logarithms);
	if (middle === undefined) return undefined;
	const deviation = median(logarithms.map((value) => Math.abs(value - middle))) ?? 0;
	const spread = Math.hypot(LEAST_SPREAD, SPREAD_OF_ONE / Math.sqrt(logarithms.length), SIGMA_PER_MAD * deviation);
	return { value: Math.exp(middle), spread };
}
