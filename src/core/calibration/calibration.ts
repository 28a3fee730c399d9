import type { CalibrationSubject, Calibrator } from "../prediction/calibration.ts";
import type { PredictionTable } from "../prediction/prediction.ts";
import { Family } from "./family.ts";
import type { Arrival, Outcome } from "./outcome.ts";

/** What past predictions turned out to be worth, by model and objective. */
export class Calibration implements Calibrator {
	private readonly families = new Map<string, Family>();

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

	private family(basis: string): Family {
		const family = this.families.get(basis) ?? new Family();
		this.families.set(basis, family);
		return family;
	}
}
