import type { LabelSelector } from "../cluster/selectors.ts";

/** When a job runs. */
export type JobSchedule =
	| { readonly kind: "Interval"; readonly seconds: number }
	/** Once, at a time in ms since the epoch. */
	| { readonly kind: "At"; readonly at: number }
	/** Five fields, read in an IANA time zone. */
	| { readonly kind: "Cron"; readonly expression: string; readonly timezone: string };

/** Times are ms since the epoch. */
export interface JobRun {
	readonly startedAt: number;
	/** Absent while it runs. */
	readonly durationSeconds: number | undefined;
	readonly result: "Succeeded" | "Failed" | undefined;
	readonly message: string | undefined;
}

export interface JobStatus {
	readonly lastRun: JobRun | undefined;
	readonly nextRun: number | undefined;
}

/**
 * One timer entry: a QoSJob with every default filled in. A job in the controller's own namespace acts
 * on the policies of all namespaces, any other on those of its own.
 */
export interface Job {
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly generation: number;
	readonly createdAt: number;
	readonly action: "Predict" | "Rebalance";
	readonly schedule: JobSchedule;
	/** Each run starts up to this much later, by a random share. */
	readonly jitterSeconds: number;
	/** Selects the policies by their labels. */
	readonly policySelector: LabelSelector;
	readonly suspend: boolean;
	/** A run that could not start within this time of its due time is skipped; absent: never. */
	readonly startingDeadlineSeconds: number | undefined;
	readonly status: JobStatus;
}

/** A job to create, which runs at an interval. */
export interface NewJob extends Pick<Job, "namespace" | "name" | "action"> {
	readonly intervalSeconds: number;
}
