import type { Node } from "../cluster/node.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { Estimate } from "./observed.ts";

/** Node label that says how much work a core does per second, 1 being the reference. */
const SPEED_LABEL = "kubectl-qos.dev/speed";

/** Port: speeds learned from what the same workloads delivered on different nodes. */
export interface NodeSpeeds {
	/** Of a node without a label: 1 when nothing is known of it. */
	of(node: string): number;
	/**
	 * What the workload's objective to minimize is on an idle node of speed 1, as seen while its nodes were not
	 * saturated; `undefined` when hardly anything was.
	 */
	serviceTime(workload: WorkloadKey): Estimate | undefined;
}

/** What the node's label declares: `undefined` without one, NaN (Unknown) when it is not a positive number. */
export function declaredSpeed({ labels }: Pick<Node, "labels">): number | undefined {
	const label = labels[SPEED_LABEL];
	if (label === undefined) return undefined;
	const speed = label.trim() === "" ? Number.NaN : Number(label);
	return Number.isFinite(speed) && speed > 0 ? speed : Number.NaN;
}

/**
 * Work that one request gets done per second on an idle node, 1 being a whole core of the reference: a request
 * runs on one core at a time, and on a node of less than one it gets no more than there is.
 * @param cores allocatable; NaN is Unknown
 */
export function paceOf(speed: number, cores: number): number {
	return speed * Math.min(1, cores);
}

/** The node's relative speed: as declared, else as learned, else 1; NaN is Unknown. */
export function relativeSpeed(node: Pick<Node, "name" | "labels">, speeds: NodeSpeeds | undefined): number {
	return declaredSpeed(node) ?? speeds?.of(node.name) ?? 1;
}
