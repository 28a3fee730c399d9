import type { Subject } from "../evaluation/subject.ts";
import { relief } from "../features/contention.ts";
import { NODE_CPU_ELASTIC_REQUESTS, NODE_CPU_ELASTIC_USAGE, NODE_CPU_USAGE } from "../features/definitions.ts";
import { paceOf } from "../features/speed.ts";
import type { Measurement } from "../metrics/metric.ts";
import { SATURATION, slowdown } from "../model/response.ts";
import type { LearningInputs } from "./learning.ts";
import type { Visit } from "./speeds.ts";

/**
 * The newest measurement of a time to minimize, on the one node that the workload is on, with the node's
 * slowdown and size taken out. `undefined` when it is not measured in this step, is from before its pods settled, or
 * the node is saturated: then the time says more about the queue than about the node.
 */
export function visitOf(subject: Subject, { cluster, metrics, now }: LearningInputs): Visit | undefined {
	const { workload, policy, currentNodes, currentNode, settledSince } = subject;
	const { metric, direction } = policy.objective;
	if (direction !== "Minimize" || currentNodes.size !== 1 || currentNode === undefined) return undefined;
	const measured = metrics.latest(metric, workload.key, now);
	const usage = metrics.latest(NODE_CPU_USAGE, currentNode, now);
	const cores = cluster.nodes.get(currentNode)?.allocatable["cpu"];
	if (!measured.known || !usage.known || cores === undefined) return undefined;
	const step = metrics.stepSeconds * 1000;
	// What is shown of the first step is in part of the place before.
	if (now - measured.at >= step || measured.at < (settledSince ?? 0) + step) return undefined;
	const used = usage.value / cores;
	const elastic = metrics.latest(NODE_CPU_ELASTIC_USAGE, currentNode, now);
	const weight = metrics.latest(NODE_CPU_ELASTIC_REQUESTS, currentNode, now);
	const load = { utilization: used, elastic: known(elastic) / cores, weight: known(weight) };
	const utilization = used - relief(load, workload.template.scheduling.requests["cpu"] ?? 0);
	if (!(utilization < SATURATION)) return undefined;
	const time = (measured.value * paceOf(1, cores)) / slowdown(utilization);
	return { workload: workload.key, node: currentNode, time, windows: 1 / metrics.steps };
}

/** What is not measured gives way to nobody. */
function known(measurement: Measurement): number {
	return measurement.known ? measurement.value : 0;
}
