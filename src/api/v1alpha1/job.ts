import { z } from "zod";
import type { Job, JobSchedule, JobStatus } from "../../core/job/job.ts";
import { formatDuration } from "./duration.ts";
import {
	durationSchema,
	labelSelectorSchema,
	metadataSchema,
	type Parsed,
	parseObject,
	positiveDurationSchema,
	timeSchema,
} from "./parse.ts";

const specSchema = z.object({
	action: z.enum(["Predict", "Rebalance"]),
	interval: positiveDurationSchema.optional(),
	at: timeSchema.optional(),
	cron: z.string().min(1).optional(),
	timezone: z.string().min(1).optional(),
	jitter: durationSchema.default(0),
	policySelector: labelSelectorSchema.default({}),
	suspend: z.boolean().default(false),
	startingDeadline: positiveDurationSchema.optional(),
});

function scheduleOf(spec: z.infer<typeof specSchema>): JobSchedule | undefined {
	const schedules: JobSchedule[] = [];
	if (spec.interval !== undefined) schedules.push({ kind: "Interval", seconds: spec.interval });
	if (spec.at !== undefined) schedules.push({ kind: "At", at: spec.at });
	if (spec.cron !== undefined) {
		schedules.push({ kind: "Cron", expression: spec.cron, timezone: spec.timezone ?? "UTC" });
	}
	return schedules.length === 1 ? schedules[0] : undefined;
}

const runSchema = z.object({
	startedAt: timeSchema,
	duration: durationSchema.optional(),
	result: z.enum(["Succeeded", "Failed"]).optional(),
	message: z.string().optional(),
});

const jobSchema = z
	.object({
		metadata: metadataSchema,
		spec: specSchema,
		status: z.object({ lastRun: runSchema.optional(), nextRun: timeSchema.optional() }).prefault({}),
	})
	.transform(({ metadata, spec, status }, context): Job => {
		const schedule = scheduleOf(spec);
		if (schedule === undefined) {
			const message = "set exactly one of interval, at and cron";
			context.issues.push({ code: "custom", message, path: ["spec"], input: spec });
			return z.NEVER;
		}
		const { lastRun } = status;
		return {
			namespace: metadata.namespace,
			name: metadata.name,
			uid: metadata.uid,
			resourceVersion: metadata.resourceVersion,
			generation: metadata.generation,
			createdAt: metadata.creationTimestamp,
			action: spec.action,
			schedule,
			jitterSeconds: spec.jitter,
			policySelector: spec.policySelector,
			suspend: spec.suspend,
			startingDeadlineSeconds: spec.startingDeadline,
			status: {
				lastRun: lastRun && {
					startedAt: lastRun.startedAt,
					durationSeconds: lastRun.duration,
					result: lastRun.result,
					message: lastRun.message,
				},
				nextRun: status.nextRun,
			},
		};
	});

/** A QoSJob object -> Job with every default filled in. */
export function parseJob(input: unknown): Parsed<Job> {
	return parseObject(jobSchema, input, "QoSJob");
}

/** Stands before what keeps the controller from collecting metrics, in the message of a job's run. */
export const COLLECTION_PROBLEM = "metrics cannot be collected: ";

/** The status of a QoSJob as the API server keeps it; `null` removes a field in a merge patch. */
export interface QoSJobStatus {
	readonly lastRun: {
		readonly startedAt: string;
		readonly duration: string | null;
		readonly result: "Succeeded" | "Failed" | null;
		readonly message: string | null;
	} | null;
	readonly nextRun: string | null;
}

/** A status as the body of a merge patch. */
export function toJobStatus({ lastRun, nextRun }: JobStatus): QoSJobStatus {
	return {
		lastRun: lastRun
			? {
					startedAt: new Date(lastRun.startedAt).toISOString(),
					duration: lastRun.durationSeconds === undefined ? null : formatDuration(lastRun.durationSeconds),
					result: lastRun.result ?? null,
					message: lastRun.message ?? null,
				}
			: null,
		nextRun: nextRun === undefined ? null : new Date(nextRun).toISOString(),
	};
}
