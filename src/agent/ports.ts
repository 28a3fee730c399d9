import type { WorkloadKey } from "../core/cluster/workload.ts";
import type { Job } from "../core/job/job.ts";
import type { Policy } from "../core/policy/policy.ts";

/** A QoSJob with the name that it was added under. */
export interface Sensor {
	readonly job: Job;
	readonly sensorName: string;
}

/** What a new QoSJob is to do and when. */
export interface NewSensor {
	readonly namespace: string;
	/** Name of the QoSJob. */
	readonly name: string;
	readonly sensorName: string;
	readonly action: Job["action"];
	readonly schedule: Job["schedule"];
	readonly jitterSeconds: number;
}

/**
 * Port: objects in the cluster, read and written as the caller. Every method rejects with an Error that
 * bears the API server's HTTP `status` (0 without an answer) and one line for its message.
 */
export interface Objects {
	sensors(namespace: string | undefined): Promise<readonly Sensor[]>;
	sensor(namespace: string, name: string): Promise<Sensor>;
	addSensor(sensor: NewSensor): Promise<Sensor>;
	removeSensor(namespace: string, name: string): Promise<void>;
	removeSensors(namespace: string): Promise<void>;
	/** Asks for a move to the best place; resolves to the QoSMigration's name. */
	addMigration(workload: WorkloadKey, reason: string): Promise<string>;
}

/** A Deployment with the policy that governs it. */
export interface Governed {
	readonly workload: WorkloadKey;
	readonly policy: Policy;
}

/** Port: times of jobs. */
export interface Schedules {
	/** ms since the epoch; `undefined`: never again. */
	nextRun(job: Job): number | undefined;
	/** One line that says why a schedule can never run. */
	problem(schedule: Job["schedule"]): string | undefined;
	/** A local time `2026-01-31T08:00:00` in an IANA time zone -> ms since the epoch; `undefined`: there is no such zone. */
	instant(local: string, timezone: string): number | undefined;
}
