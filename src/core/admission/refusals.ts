import { GONE, type Verdict } from "../feasibility/verdict.ts";

const UNKNOWN = "node(s) had no known prediction";

/** Counts why nodes were refused, for one line in the scheduler's manner. */
export class Refusals {
	private readonly counts = new Map<string, number>();
	private readonly total: number;
	private refused = 0;

	/** `total`: nodes that there were to choose from. */
	constructor(total: number) {
		this.total = total;
	}

	/** A refusal, or a node that is gone. */
	add(verdict: Verdict | undefined): void {
		const reason = verdict === undefined ? GONE.message : verdict.feasible ? UNKNOWN : verdict.message;
		this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
		this.refused += 1;
	}

	/** `0/5 nodes: 3 Insufficient cpu, 2 node(s) were unschedulable`, the most frequent first. */
	summary(): string {
		const counts = new Map(this.counts);
		if (this.refused < this.total) counts.set(UNKNOWN, this.total - this.refused);
		const parts = [...counts]
			.sort(([, left], [, right]) => right - left)
			.map(([reason, count]) => `${count} ${reason}`);
		return `0/${this.total} nodes: ${parts.join(", ") || "the policy has no candidates"}`;
	}
}
