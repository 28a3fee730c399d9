import type { WorkloadKey } from "../core/cluster/workload.ts";
import type { CommandOf } from "../core/migration/command.ts";
import type { DecisionReason, Evaluation } from "../core/recommendation/recommendation.ts";

/**
 * Events on workloads that could be better off elsewhere and stay all the same: one each time that the reason is
 * another one than was told last, or they moved since. That a small gain comes and goes is no news.
 */
export class StayEvents {
	private readonly told = new Map<WorkloadKey, DecisionReason>();

	look(evaluations: Iterable<Pick<Evaluation, "workload" | "decision" | "recommended">>): CommandOf<"RecordEvent">[] {
		const events: CommandOf<"RecordEvent">[] = [];
		for (const { workload, decision, recommended } of evaluations) {
			if (decision.action === "Move") this.told.delete(workload);
			if (decision.action !== "Stay" || !recommended || this.told.get(workload) === decision.reason) continue;
			this.told.set(workload, decision.reason);
			const message = `stays, although ${recommended.domain} is predicted to be better: ${decision.message}`;
			events.push({ kind: "RecordEvent", workload, type: "Normal", reason: "QoSStayed", message });
		}
		return events;
	}

	/** Drops workloads that are gone. */
	prune(isAlive: (workload: WorkloadKey) => boolean): void {
		for (const workload of this.told.keys()) if (!isAlive(workload)) this.told.delete(workload);
	}
}
