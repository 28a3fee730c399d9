import type { MetricReader } from "../metrics/metric.ts";
import { deliveredShare, slowdown } from "../model/response.ts";
import { NODE_CPU_USAGE, WORKLOAD_CPU_USAGE } from "./definitions.ts";
import { NO_ROW, type NodeTable } from "./node-table.ts";
import { runningPods, type Situation } from "./situation.ts";
import { median } from "./window.ts";

/** The objective's value on an idle node of speed 1, in the objective's unit. */
export interface UnloadedEstimate {
	readonly value: number;
	/** Standard deviation of the logarithm of `value`. */
	readonly spread: number;
}

/** CPU that the scheduler assumes of a container without a request (DefaultMilliCPURequest). */
const DEFAULT_CPU_REQUEST = 0.1;

/** A latency target is commonly set at about three times the undisturbed service time; far from certain. */
const TIME_PRIOR = { shareOfTarget: 1 / 3, spread: 0.8 };
/** A rate target is commonly set a fifth below what the app delivers undisturbed. */
const RATE_PRIOR = { shareOfTarget: 1.25, spread: 0.3 };

/** What stays uncertain of an inferred value even with many samples, and the share that one sample adds. */
const INFERENCE_SPREAD = { least: 0.05, single: 0.2 };
/** Standard deviation over median absolute deviation of a normal distribution. */
const SIGMA_PER_MAD = 1.4826;

/** What is read for the estimates. */
export interface EstimateInputs {
	readonly metrics: MetricReader;
	readonly nodes: NodeTable;
	readonly now: number;
}

interface CurrentNode {
	/** Share of the workload's pods. */
	readonly share: number;
	readonly speed: number;
	readonly cores: number;
	/** Measured CPU use in cores, a copy; NaN is Unknown. */
	readonly usage: Float64Array;
}

/**
 * What the objective would be on an idle node of speed 1: the measured value with the effect of the
 * current nodes' load taken out, step by step, then the median over the window. Without measurements a
 * prior from the target; without a target `undefined` (Unknown).
 */
export function unloadedEstimate(situation: Situation, inputs: EstimateInputs): UnloadedEstimate | undefined {
	return inferred(situation, inputs) ?? prior(situation);
}

/**
 * Cores of a node of speed 1 that one pod uses: measured over the window, else its CPU request, else
 * what the scheduler assumes.
 */
export function cpuDemand(situation: Situation, inputs: EstimateInputs): number {
	const current = currentNodes(situation, inputs);
	const speed = current.reduce((sum, node) => sum + node.share * node.speed, 0);
	const usage = median(settledValues(WORKLOAD_CPU_USAGE, situation, inputs).filter((value) => !Number.isNaN(value)));
	if (current.length > 0 && usage !== undefined && Number.isFinite(speed)) {
		return (usage / runningPods(situation)) * speed;
	}
	return situation.cpuRequest > 0 ? situation.cpuRequest : DEFAULT_CPU_REQUEST;
}

function inferred(situation: Situation, inputs: EstimateInputs): UnloadedEstimate | undefined {
	const current = currentNodes(situation, inputs);
	if (current.length === 0) return undefined;
	const logarithms: number[] = [];
	settledValues(situation.objective.metric, situation, inputs).forEach((measured, step) => {
		const unloaded = measured / loadEffect(current, step, situation.objective.direction);
		if (unloaded > 0 && Number.isFinite(unloaded)) logarithms.push(Math.log(unloaded));
	});
	const middle = median(logarithms);
	if (middle === undefined) return undefined;
	const deviation = median(logarithms.map((value) => Math.abs(value - middle))) ?? 0;
	const spread = Math.hypot(
		INFERENCE_SPREAD.least,
		INFERENCE_SPREAD.single / Math.sqrt(logarithms.length),
		SIGMA_PER_MAD * deviation,
	);
	return { value: Math.exp(middle), spread };
}

/** Measured over unloaded value at a step, averaged over the pods; NaN is Unknown. */
function loadEffect(current: readonly CurrentNode[], step: number, direction: "Minimize" | "Maximize"): number {
	let effect = 0;
	for (const { share, speed, cores, usage } of current) {
		const utilization = (usage[step] ?? Number.NaN) / cores;
		effect += share * (direction === "Minimize" ? slowdown(utilization) / speed : deliveredShare(utilization));
	}
	return effect;
}

function prior({ objective }: Situation): UnloadedEstimate | undefined {
	if (objective.target === undefined || !(objective.target > 0)) return undefined;
	const { shareOfTarget, spread } = objective.direction === "Minimize" ? TIME_PRIOR : RATE_PRIOR;
	return { value: objective.target * shareOfTarget, spread };
}

function currentNodes(situation: Situation, { metrics, nodes, now }: EstimateInputs): readonly CurrentNode[] {
	const pods = runningPods(situation);
	const current: CurrentNode[] = [];
	for (const [name, count] of situation.currentNodes) {
		const row = nodes.row(name);
		current.push({
			share: count / pods,
			speed: row === NO_ROW ? Number.NaN : (nodes.speed[row] as number),
			cores: row === NO_ROW ? Number.NaN : (nodes.cores[row] as number),
			usage: metrics.window(NODE_CPU_USAGE, name, now).slice(),
		});
	}
	return current;
}

/** The window of a workload metric with what was measured before the pods settled made Unknown. */
function settledValues(metric: string, situation: Situation, { metrics, now }: EstimateInputs): number[] {
	const window = Array.from(metrics.window(metric, situation.workload, now));
	const { settledSince } = situation;
	if (settledSince === undefined) return window;
	const stepMilliseconds = metrics.stepSeconds * 1000;
	const newestStep = Math.floor(now / stepMilliseconds);
	return window.map((value, index) => {
		const startOfStep = (newestStep - (window.length - 1 - index)) * stepMilliseconds;
		return startOfStep < settledSince ? Number.NaN : value;
	});
}
