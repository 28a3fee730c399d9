import type { Policy, TrackingLayout } from "../policy/policy.ts";
import type { Evaluation } from "../recommendation/recommendation.ts";

/** One workload's predictions of one cycle, as they were evaluated. */
export interface Tracked {
	readonly evaluation: Evaluation;
	readonly policy: Policy;
	/** Of the objective's metric. */
	readonly unit: string;
}

/** Port: keeps predictions for others to read. Answers at once and never throws: what cannot be kept is dropped. */
export interface PredictionSink {
	record(tracked: readonly Tracked[]): void;
}

/** One run as a tracker shall hold it. */
export interface TrackedRun {
	readonly layout: TrackingLayout;
	readonly experiment: string;
	readonly name: string | undefined;
	/** ms since the epoch. */
	readonly startTime: number;
	/** `FAILED`: nothing could be predicted. */
	readonly status: "FINISHED" | "FAILED";
	/** Finite numbers only. */
	readonly metrics: readonly (readonly [key: string, value: number])[];
	readonly params: Readonly<Record<string, string>>;
	/** Params by which readers know that the run is whole: to be written after all else. */
	readonly marks: Readonly<Record<string, string>>;
	readonly tags: Readonly<Record<string, string>>;
}
