import type { WorkloadKey } from "../cluster/workload.ts";
import type { CalibrationSubject, Calibrator } from "../prediction/calibration.ts";
import type { PredictionTable } from "../prediction/prediction.ts";
import { Family } from "./family.ts";
import type { Arrival, Outcome } from "./outcome.ts";

/** What past predictions turned out to be worth, by model and objective. */
export class Calibration implements Calibrator {
	readonly families = new Map<string, Family>();

	/** Learns from what came of a prediction. Learn all that is due before calibrating: it is one fit then. */
	learn(outcome: Outcome): void {
		this.family(outcome.basis).learn(outcome);
	}

	/** What a move brought, next to what was promised: the first that is known of the workload there. */
	learnArrival(arrival: Arrival): void {
		this.family(arrival.basis).learnArrival(arrival);
	}

	calibrate(subject: CalibrationSubject, table: PredictionTable): void {
		this.families.get(subject.basis)?.calibrate(subject, table);
	}

	windows(workload: WorkloadKey, basis: string): number {
		return this.families.get(basis)?.workloads.get(workload)?.weight ?? 0;
	}

	/** Drops what was learned of a workload, or of it on one node; and what nothing is left of. */
	forget(workload: WorkloadKey, node?: string): void {
		for (const [basis, family] of this.families) {
			family.forget(workload, node);
			if (family.workloads.size === 0) this.families.delete(basis);
		}
	}

	private family(basis: string): Family {
		const family = this.families.get(basis) ?? new Family();
		this.families.set(basis, family);
		return family;
	}
}
