import { z } from "zod";
import type { WorkloadKey } from "../../core/cluster/workload.ts";
import type { LogEntry } from "../../core/decision-log/entry.ts";
import { PHASES } from "../../core/migration/migration.ts";
import type { DecisionReason } from "../../core/recommendation/recommendation.ts";

const time = z.iso.datetime().transform((text) => Date.parse(text));
const workload = z.custom<WorkloadKey>((key) => typeof key === "string" && /^[^/]+\/[^/]+$/.test(key), {
	message: "must be namespace/name",
});
const prediction = z.object({ value: z.number(), lower: z.number(), upper: z.number() });
const phase = z.enum(PHASES);

const decision = z.object({
	action: z.enum(["Stay", "Move", "Unknown"]),
	// Reasons come and go with versions of the core: a replay tells where it now has another one.
	reason: z.custom<DecisionReason>((reason) => typeof reason === "string"),
	message: z.string(),
});

const policy = z.object({
	name: z.string(),
	mode: z.enum(["Off", "Initial", "Auto"]),
	suspend: z.boolean(),
	objective: z.object({
		metric: z.string(),
		direction: z.enum(["Minimize", "Maximize"]),
		target: z
			.number()
			.optional()
			.transform((target): number | undefined => target),
		horizonSeconds: z.number(),
		aggregate: z.enum(["Mean", "Max", "Min"]),
	}),
	rebalance: z.object({
		trigger: z.enum(["Proactive", "Reactive"]),
		minGain: z.number(),
		confidence: z.number(),
		stabilization: z.number(),
		cooldownSeconds: z.number(),
		verifyAfterSeconds: z.number(),
		onWorse: z.enum(["Revert", "Keep"]),
	}),
	topologyKey: z.string(),
});

const measured = z.discriminatedUnion("known", [
	z.object({ known: z.literal(true), value: z.number(), at: z.number() }),
	z.object({ known: z.literal(false), reason: z.enum(["Absent", "Stale", "NotFinite", "OutOfRange"]) }),
]);

const candidate = z.object({
	node: z.string(),
	domain: z.string().optional(),
	feasible: z.boolean(),
	reason: z.string().optional(),
	predicted: prediction.optional(),
	raw: z.number().optional(),
	support: z.number().optional(),
});

const strings = z.record(z.string(), z.string());

const input = z.object({
	policy,
	workload: z.object({
		replicas: z.number(),
		strategy: z.object({
			type: z.enum(["RollingUpdate", "Recreate"]),
			maxSurge: z.number(),
			maxUnavailable: z.number(),
		}),
		nodeSelector: strings,
		annotations: strings,
		templateAnnotations: strings,
	}),
	current: z.object({ node: z.string().optional(), domain: z.string().optional(), measured }),
	occupied: z.array(z.string()),
	candidates: z.array(candidate),
	candidatesTotal: z.number(),
	unknown: z
		.object({
			reason: z.enum(["MetricsStale", "MetricsAbsent", "ModelRefused", "OutputNotFinite", "NotRecorded"]),
			message: z.string(),
		})
		.optional(),
	standing: z.object({
		inFlight: z.object({ name: z.string(), phase: phase.optional() }).optional(),
		coolingUntil: z.number().optional(),
		setbacks: z.number(),
		quarantined: z.array(z.string()),
	}),
	disruption: z
		.object({
			reason: z.enum([
				"NoReplicas",
				"Paused",
				"RecreateStrategy",
				"RolloutUnfinished",
				"NoneAvailableDuringRollout",
				"SingleNodeVolume",
				"DisruptionBudgetExhausted",
			]),
			message: z.string(),
		})
		.optional(),
	streak: z
		.object({
			domain: z.string(),
			count: z.number(),
			since: z.number(),
			evidence: z.number(),
			dataAt: z
				.number()
				.optional()
				.transform((at): number | undefined => at),
			missed: z.number(),
		})
		.optional(),
	dataAt: z.number().optional(),
});

const entry = z.discriminatedUnion("kind", [
	z.object({
		kind: z.literal("Decision"),
		time,
		workload,
		model: z.object({ name: z.string(), version: z.string(), sha256: z.string() }).optional(),
		input,
		decision,
		recommended: z
			.object({
				node: z.string(),
				domain: z.string(),
				gain: z
					.number()
					.optional()
					.transform((gain): number | undefined => gain),
				gainLowerBound: z
					.number()
					.optional()
					.transform((gain): number | undefined => gain),
				predicted: prediction,
			})
			.optional(),
	}),
	z.object({ kind: z.literal("Plan"), time, workload, decision }),
	z.object({
		kind: z.literal("Outcome"),
		time,
		workload,
		migration: z.string(),
		phase: phase.optional().transform((name): z.output<typeof phase> | undefined => name),
		reason: z.string().optional(),
		message: z.string().optional(),
		from: z.string().optional(),
		to: z.string().optional(),
		promised: prediction.optional(),
		measuredBefore: z.number().optional(),
		measured: z.number().optional(),
	}),
]);

/** An entry as one line of JSON. */
export function logLine(logged: LogEntry): string {
	return `${JSON.stringify({ ...logged, time: new Date(logged.time).toISOString() })}\n`;
}

/** The entry that a line's object holds, or what is wrong with it. */
export function parseLogEntry(
	value: unknown,
): { readonly ok: true; readonly entry: LogEntry } | { readonly ok: false; readonly message: string } {
	const parsed = entry.safeParse(value);
	if (parsed.success) return { ok: true, entry: parsed.data as LogEntry };
	const [issue] = parsed.error.issues;
	return {
		ok: false,
		message: `${issue?.path.join(".") || "the line"}: ${issue?.message ?? "is no entry of a decision log"}`,
	};
}
