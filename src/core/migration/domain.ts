import type { Node } from "../cluster/node.ts";
import type { ClusterState } from "../cluster/state.ts";

/** Why no node of a domain can take pods. */
export interface DomainLoss {
	readonly reason: "NodeGone" | "NodeNotReady" | "NodeCordoned";
	readonly message: string;
}

/**
 * Why pods pinned to `topologyKey=domain` have nowhere to run; `undefined` while a Ready node that is not
 * cordoned carries the label. Not Ready counts as worse than cordoned: pods on cordoned nodes still run.
 */
export function domainLoss(nodes: ClusterState["nodes"], topologyKey: string, domain: string): DomainLoss | undefined {
	const own: Node[] = [];
	for (const node of nodes.values()) if (node.labels[topologyKey] === domain) own.push(node);
	if (own.some((node) => node.ready && !node.unschedulable)) return undefined;
	const names = own.map((node) => node.name).join(", ");
	if (own.length === 0)
		return { reason: "NodeGone", message: `no node has the label ${topologyKey}=${domain} any more` };
	if (own.some((node) => node.ready)) return { reason: "NodeCordoned", message: `node ${names} is cordoned` };
	return { reason: "NodeNotReady", message: `node ${names} is not ready` };
}
