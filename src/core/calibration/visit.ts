import type { Subject } from "../evaluation/subject.ts";
import { relief } from "../features/contention.ts";
import {
	NODE_CPU_ELASTIC_REQUESTS,
	NODE_CPU_ELASTIC_USAGE,
	NODE_CPU_USAGE,
	WORKLOAD_CPU_USAGE,
} from "../features/definitions.ts";
import { paceOf } from "../features/speed.ts";
import { throttling } from "../features/throttling.ts";
import { MIXED_STEPS } from "../features/window.ts";
import { SATURATION, slowdown } from "../model/response.ts";
import type { LearningInputs } from "./learning.ts";
import type { Visit } from "./speeds.ts";

/**
 * The newest measurement of a time to minimize, on the one node that the workload is on, with the node's
 * slowdown and size taken out. `undefined` when it is not measured in this step, is from before its pods settled, or
 * the node is saturated: then the time says more about the queue than about the node.
 */
export function visitOf(subject: Subject, inputs: LearningInputs): Visit | undefined {
	const { workload, policy, currentNodes, currentNode, settledSince } = subject;
	const { metrics, now } = inputs;
	const { metric, direction } = policy.objective;
	if (direction !== "Minimize" || currentNodes.size !== 1 || currentNode === undefined) return undefined;
	const measured = metrics.latest(metric, workload.key, now);
	const cores = inputs.cluster.nodes.get(currentNode)?.allocatable["cpu"];
	if (!measured.known || cores === undefined) return undefined;
	const step = metrics.stepSeconds * 1000;
	// What is shown of the first steps is in part of the place before, where the workload was while its pod started.
	const settled = (settledSince ?? 0) + (1 + MIXED_STEPS) * step;
	if (now - measured.at >= step || measured.at < settled) return undefined;
	const request = workload.template.scheduling.requests["cpu"] ?? 0;
	const onNode = metUtilization({ name: currentNode, cores }, request, inputs);
	const utilization = Math.max(onNode, throttledBy(subject, cores, inputs));
	if (!(utilization < SATURATION)) return undefined;
	const time = (measured.value * paceOf(1, cores)) / slowdown(utilization);
	return { workload: workload.key, node: currentNode, time, windows: 1 / metrics.steps };
}

/** How busy its limit makes a node of so many cores look to one pod; 0 without a limit, or a measurement. */
function throttledBy(
	{ workload, pods }: Subject,
	cores: number,
	{ metrics, now }: Pick<LearningInputs, "metrics" | "now">,
): number {
	const limit = pods[0]?.scheduling.cpuLimit;
	const used = metrics.latest(WORKLOAD_CPU_USAGE, workload.key, now);
	if (limit === undefined || !used.known) return 0;
	return throttling({ share: used.value / pods.length / limit, limit }, paceOf(1, cores));
}

/** The node's newest utilization as a pod of that request meets it; NaN is Unknown. */
function metUtilization(
	{ name, cores }: { readonly name: string; readonly cores: number },
	request: number,
	{ metrics, now }: Pick<LearningInputs, "metrics" | "now">,
): number {
	// What is not known to give way does not.
	const newest = (metric: string, unknown: number): number => {
		const measurement = metrics.latest(metric, name, now);
		return measurement.known ? measurement.value : unknown;
	};
	const utilization = newest(NODE_CPU_USAGE, Number.NaN) / cores;
	const elastic = newest(NODE_CPU_ELASTIC_USAGE, 0) / cores;
	return utilization - relief({ cores, utilization, elastic, weight: newest(NODE_CPU_ELASTIC_REQUESTS, 0) }, request);
}
