import type { Workload, WorkloadKey } from "../cluster/workload.ts";
import { governing } from "../policy/governing.ts";
import type { Policy } from "../policy/policy.ts";
import type { Governed } from "./governance.ts";
import { Snapshot } from "./snapshot.ts";
import type { AdmissionView } from "./view.ts";

/** A snapshot older than this many steps is not decided from: its measurements may be stale by now. */
const MAX_AGE_STEPS = 2;
/** Workloads whose rankings are made ahead of need, per collection. */
const MAX_WARMED = 100;

/** The snapshot in use, and the next one while it is being warmed. */
export class Snapshots {
	private inUse: Snapshot | undefined;
	private warming: Snapshot | undefined;

	/** The snapshot to decide from: of the newest collection, or of the one before while the newest is warmed. */
	current(view: AdmissionView): Snapshot {
		const { inUse, warming } = this;
		const isUsable = inUse !== undefined && view.now - inUse.madeAt <= MAX_AGE_STEPS * view.metrics.stepSeconds * 1000;
		if (isUsable && (inUse.generation === view.generation || warming?.generation === view.generation)) return inUse;
		this.inUse = new Snapshot(view);
		return this.inUse;
	}

	/** Makes the next snapshot with the rankings that will probably be asked for, then puts it into use. */
	async warm(view: AdmissionView, pause: () => Promise<void>): Promise<void> {
		const isNew = this.inUse?.generation !== view.generation;
		const next = isNew || !this.inUse ? new Snapshot(view) : this.inUse;
		this.warming = next;
		for (const governed of this.expected(view)) {
			await pause();
			if (this.warming !== next) return;
			await next.rankingOf(governed, view);
		}
		this.inUse = next;
		this.warming = undefined;
	}

	/** Workloads with pods yet to come, then those that had pods placed lately. */
	private expected(view: AdmissionView): readonly Governed[] {
		const { workloads, podsByWorkload, policies } = view.cluster;
		const keys = new Set<WorkloadKey>();
		for (const { key, replicas } of workloads.values()) {
			if ((podsByWorkload.get(key)?.size ?? 0) < replicas) keys.add(key);
		}
		for (const key of this.inUse?.workloads() ?? []) keys.add(key);
		const expected: Governed[] = [];
		for (const key of keys) {
			if (expected.length >= MAX_WARMED) break;
			const workload = workloads.get(key);
			const governed = workload && placing(workload, policies.values());
			if (governed) expected.push(governed);
		}
		return expected;
	}
}

function placing(workload: Workload, policies: Iterable<Policy>): Governed | undefined {
	const governance = governing(workload, policies);
	if (!governance || governance.policy.suspend || governance.policy.mode === "Off") return undefined;
	return { workload, ...governance };
}
