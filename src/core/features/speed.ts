import type { Node } from "../cluster/node.ts";

/** Node label that says how much work a core does per second, 1 being the reference. */
const SPEED_LABEL = "kubectl-qos.dev/speed";

/** The node's relative speed: its label, 1 without one, NaN (Unknown) when the label is not a positive number. */
export function relativeSpeed(node: Pick<Node, "labels">): number {
	const label = node.labels[SPEED_LABEL];
	if (label === undefined) return 1;
	const speed = label.trim() === "" ? Number.NaN : Number(label);
	return Number.isFinite(speed) && speed > 0 ? speed : Number.NaN;
}
