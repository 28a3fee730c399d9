import { z } from "zod";
import { type WorkloadKey, workloadKey } from "../../core/cluster/workload.ts";
import {
	isFinished,
	type Migration,
	type MigrationPhase,
	type MigrationStatus,
	OVERRIDES,
	type Override,
	PHASES,
} from "../../core/migration/migration.ts";
import { API_VERSION, AUTOMATIC_LABEL, CANCEL_ANNOTATION, CANCELLED_BY_ANNOTATION, WORKLOAD_LABEL } from "./group.ts";
import { rounded, roundedPrediction } from "./number.ts";
import { metadataSchema, type Parsed, parseObject, timeSchema } from "./parse.ts";

const conditionSchema = z.object({
	type: z.string(),
	status: z.enum(["True", "False", "Unknown"]),
	reason: z.string().default(""),
	message: z.string().default(""),
	lastTransitionTime: z.string().optional(),
	observedGeneration: z.number().optional(),
});

export type Condition = z.output<typeof conditionSchema>;

const statusSchema = z.object({
	phase: z.enum(PHASES).optional(),
	from: z.string().optional(),
	to: z.string().optional(),
	promised: z.object({ value: z.number(), lower: z.number(), upper: z.number() }).optional(),
	measuredBefore: z.number().optional(),
	measured: z.number().optional(),
	startedAt: timeSchema.optional(),
	rolledOutAt: timeSchema.optional(),
	completedAt: timeSchema.optional(),
	conditions: z.array(conditionSchema).default([]),
});

const migrationSchema = z
	.object({
		metadata: metadataSchema,
		spec: z.object({
			workload: z.string().min(1),
			to: z.string().min(1).optional(),
			override: z.array(z.enum(OVERRIDES)).default([]),
			reason: z.string().default(""),
			requestedBy: z.string().default(""),
		}),
		status: statusSchema.prefault({}),
	})
	.transform(({ metadata, spec, status }): Migration => {
		const complete = status.conditions.find((condition) => condition.type === "Complete");
		return {
			namespace: metadata.namespace,
			name: metadata.name,
			uid: metadata.uid,
			resourceVersion: metadata.resourceVersion,
			createdAt: metadata.creationTimestamp,
			workload: workloadKey(metadata.namespace, spec.workload),
			to: spec.to,
			override: spec.override,
			reason: spec.reason,
			requestedBy: spec.requestedBy,
			automatic: metadata.labels[AUTOMATIC_LABEL] === "true",
			cancelledBy: cancelledBy(metadata.annotations),
			status: {
				phase: status.phase,
				from: status.from,
				to: status.to,
				promised: status.promised,
				measuredBefore: status.measuredBefore,
				measured: status.measured,
				startedAt: status.startedAt,
				rolledOutAt: status.rolledOutAt,
				completedAt: status.completedAt,
				reason: complete?.reason,
				message: complete?.message,
			},
		};
	});

function cancelledBy(annotations: Readonly<Record<string, string>>): string | undefined {
	return annotations[CANCEL_ANNOTATION] === "true" ? annotations[CANCELLED_BY_ANNOTATION] || "somebody" : undefined;
}

/** A QoSMigration object -> Migration. */
export function parseMigration(input: unknown): Parsed<Migration> {
	return parseObject(migrationSchema, input, "QoSMigration");
}

/** The status of a QoSMigration as the API server keeps it; `null` removes a field in a merge patch. */
export interface QoSMigrationStatus {
	readonly phase: MigrationPhase;
	readonly from: string | null;
	readonly to: string | null;
	readonly promised: { readonly value: number; readonly lower: number; readonly upper: number } | null;
	readonly measuredBefore: number | null;
	readonly measured: number | null;
	readonly startedAt: string | null;
	readonly rolledOutAt: string | null;
	readonly completedAt: string | null;
	readonly conditions: readonly Condition[];
}

/**
 * A status as the body of a merge patch. `now` (ms) is the time of the write. The condition `Complete`
 * turns True when the move has ended either way, `Succeeded` tells which way.
 */
export function toMigrationStatus(migration: Migration, status: MigrationStatus, now: number): QoSMigrationStatus {
	return {
		phase: status.phase ?? "Pending",
		from: status.from ?? null,
		to: status.to ?? null,
		promised: status.promised ? roundedPrediction(status.promised) : null,
		measuredBefore: status.measuredBefore === undefined ? null : rounded(status.measuredBefore),
		measured: status.measured === undefined ? null : rounded(status.measured),
		startedAt: timestamp(status.startedAt),
		rolledOutAt: timestamp(status.rolledOutAt),
		completedAt: timestamp(status.completedAt),
		conditions: conditionsOf(migration, status, now),
	};
}

function conditionsOf(migration: Migration, status: MigrationStatus, now: number): Condition[] {
	const finished = isFinished({ ...migration, status });
	const since = finished ? (status.completedAt ?? now) : migration.createdAt;
	const shared = {
		reason: status.reason ?? status.phase ?? "Pending",
		message: status.message ?? "",
		lastTransitionTime: new Date(since).toISOString(),
		observedGeneration: 1,
	};
	// A move whose effect was not measured is over, and nobody can say that it was good.
	const isUnverified = status.phase === "Succeeded" && status.measured === undefined;
	const succeeded = !finished || isUnverified ? "Unknown" : status.phase === "Succeeded" ? "True" : "False";
	return [
		{ type: "Complete", status: finished ? "True" : "False", ...shared },
		{ type: "Succeeded", status: succeeded, ...shared },
	];
}

function timestamp(milliseconds: number | undefined): string | null {
	return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

/** What a new QoSMigration asks for. Exactly one of `name` and `generateName`; `generateName` is the default. */
export interface MigrationRequest {
	readonly workload: WorkloadKey;
	readonly to?: string | undefined;
	readonly override?: readonly Override[] | undefined;
	readonly reason: string;
	readonly name?: string | undefined;
	/** Only the controller may say so. */
	readonly automatic?: boolean | undefined;
}

/** A QoSMigration object to create; the API server stamps `spec.requestedBy`. */
export function newMigration(request: MigrationRequest) {
	const [namespace = "", workload = ""] = request.workload.split("/");
	return {
		apiVersion: API_VERSION,
		kind: "QoSMigration",
		metadata: {
			namespace,
			...(request.name === undefined ? { generateName: `${prefixOf(workload)}-` } : { name: request.name }),
			labels: {
				...(workload.length <= 63 && { [WORKLOAD_LABEL]: workload }),
				...(request.automatic === true && { [AUTOMATIC_LABEL]: "true" }),
			},
		},
		spec: {
			workload,
			...(request.to !== undefined && { to: request.to }),
			...(request.override !== undefined && request.override.length > 0 && { override: request.override }),
			reason: request.reason,
		},
	};
}

/** A Deployment's name cut so that a suffix still fits into an object's name. */
export function prefixOf(workload: string): string {
	return workload.slice(0, 200).replace(/[.-]+$/, "");
}
