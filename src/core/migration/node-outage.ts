import type { Node } from "../cluster/node.ts";

/** More than this share of the nodes, and at least so many, are not ready: kube-controller-manager's thresholds. */
const UNHEALTHY_SHARE = 0.55;
const UNHEALTHY_NODES = 3;

/** One release in so many ms meanwhile: its `--secondary-node-eviction-rate`. */
const SLOW_RATE_MS = 100_000;

/**
 * Whether nodes that are not ready are to be believed lost. Where many are at once, it is rather the control plane or
 * the network than they, as in kube-controller-manager's disruption modes: while none is ready nothing is let go, while
 * most are not it goes slowly, and after an outage nodes have a while to report that they are well. Keep one for the
 * life of the process.
 */
export class NodeOutage {
	private readonly settleMs: number;
	private extent: "None" | "Partial" | "Full" = "None";
	/** Until then nodes may still be about to report, ms since the epoch. */
	private settlesAt = Number.NEGATIVE_INFINITY;
	private releasedAt = Number.NEGATIVE_INFINITY;

	/** `settleSeconds`: how long nodes have to report after an outage. */
	constructor(settleSeconds: number) {
		this.settleMs = settleSeconds * 1000;
	}

	/** Takes note of the nodes at `now` (ms), and of when the API server came back, if it was away. */
	observe(nodes: ReadonlyMap<string, Node>, now: number, restoredAt = Number.NEGATIVE_INFINITY): void {
		const before = this.extent;
		this.extent = extentOf(nodes);
		const since = before === "Full" && this.extent !== "Full" ? now : restoredAt;
		this.settlesAt = Math.max(Math.min(this.settlesAt, now + this.settleMs), since + this.settleMs);
	}

	/** No node is ready: there is nowhere to go. */
	get isFull(): boolean {
		return this.extent === "Full";
	}

	/** Whether a node that is not ready counts as lost at `now` (ms). */
	believes(now: number): boolean {
		return this.extent !== "Full" && now >= this.settlesAt;
	}

	/** Whether one more pin to such a node may be let go; those that are, are to be recorded. */
	allows(now: number): boolean {
		if (!this.believes(now)) return false;
		return this.extent === "None" || this.releasedAt > now || now - this.releasedAt >= SLOW_RATE_MS;
	}

	record(now: number): void {
		this.releasedAt = now;
	}
}

function extentOf(nodes: ReadonlyMap<string, Node>): "None" | "Partial" | "Full" {
	let notReady = 0;
	for (const { ready } of nodes.values()) if (!ready) notReady += 1;
	if (notReady === nodes.size) return "Full";
	return notReady >= UNHEALTHY_NODES && notReady > UNHEALTHY_SHARE * nodes.size ? "Partial" : "None";
}
