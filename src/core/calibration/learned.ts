import type { WorkloadKey } from "../cluster/workload.ts";
import { Calibration } from "./calibration.ts";
import { LearnedSpeeds } from "./speeds.ts";

/** Pairs of workload and node that are remembered; of more, the least recently used go. */
const MOST_PAIRS = 50_000;

/** All that predictions are corrected by. */
export class Learned {
	readonly calibration = new Calibration();
	readonly speeds = new LearnedSpeeds();

	/** Drops what is not worth keeping: workloads that are gone, and the least recently used. */
	prune(isAlive: (workload: WorkloadKey) => boolean, most = MOST_PAIRS): void {
		const known = new Set<WorkloadKey>(this.speeds.visits.residuals.keys());
		for (const family of this.calibration.families.values()) for (const key of family.workloads.keys()) known.add(key);
		for (const workload of known) if (!isAlive(workload)) this.forget(workload);
		for (const { workload, node } of byRecency(this.calibration).slice(most)) this.forget(workload, node);
	}

	private forget(workload: WorkloadKey, node?: string): void {
		this.calibration.forget(workload, node);
		this.speeds.visits.forget(workload, node);
	}
}

/** One workload on one node, in one family. */
export interface Pair {
	readonly basis: string;
	readonly workload: WorkloadKey;
	readonly node: string;
	/** When the newest outcome was predicted (ms). */
	readonly predictedAt: number;
}

/** All pairs, the most recently used first; of the same moment, by name. */
export function byRecency({ families }: Calibration): Pair[] {
	const pairs = [...families].flatMap(([basis, family]) =>
		[...family.workloads].flatMap(([workload, record]) =>
			Array.from(record.pairs, ([node, { predictedAt }]) => ({ basis, workload, node, predictedAt })),
		),
	);
	return pairs.sort((left, right) => right.predictedAt - left.predictedAt || (nameOf(left) < nameOf(right) ? -1 : 1));
}

function nameOf({ basis, workload, node }: Pair): string {
	return `${workload} ${node} ${basis}`;
}
