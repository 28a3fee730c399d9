import type { HostPort } from "../cluster/pod.ts";
import type { Check } from "./check.ts";
import { usageReader } from "./node-usage.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { FEASIBLE, infeasible } from "./verdict.ts";

function isEveryAddress(ip: string): boolean {
	return ip === "" || ip === "0.0.0.0";
}

function conflict(left: HostPort, right: HostPort): boolean {
	if (left.port !== right.port || left.protocol !== right.protocol) return false;
	return left.ip === right.ip || isEveryAddress(left.ip) || isEveryAddress(right.ip);
}

/** Host ports that another pod of the node holds. */
export function hostPortsCheck(pod: PodToPlace, { cluster }: FeasibilityContext): Check | undefined {
	const wanted = pod.scheduling.hostPorts;
	if (wanted.length === 0) return undefined;
	const usageOf = usageReader(pod, cluster);
	return (node) => {
		const { hostPorts } = usageOf(node.name);
		const taken = wanted.some((port) => hostPorts.some((other) => conflict(port, other)));
		if (!taken) return FEASIBLE;
		return infeasible("HostPortConflict", "node(s) didn't have free ports for the requested pod ports");
	};
}
