import { z } from "zod";
import type { Policy } from "../../core/policy/policy.ts";
import { listCandidates } from "../../core/recommendation/rank.ts";
import type { Candidate, Evaluation } from "../../core/recommendation/recommendation.ts";
import { formatDuration } from "./duration.ts";
import { rounded, roundedPrediction } from "./number.ts";
import { type Parsed, parseObject } from "./parse.ts";

/** A report lists at most this many nodes. */
export const MAX_REPORTED_NODES = 500;

const predictionSchema = z.object({ value: z.number(), lower: z.number(), upper: z.number() });

const nodeSchema = z.object({
	name: z.string(),
	/** The node's value of the policy's topology key. */
	domain: z.string().optional(),
	feasible: z.boolean(),
	/** Why it is not feasible. */
	reason: z.string().optional(),
	message: z.string().optional(),
	/** In `objective.unit`; absent: Unknown. */
	predicted: predictionSchema.optional(),
	rank: z.number().optional(),
});

/** Absent fields are Unknown, never 0. Values are in `objective.unit`, gains are shares of the target. */
export const reportStatusSchema = z.object({
	observedAt: z.string(),
	/** Age of the newest measurement the evaluation rests on, as Go writes durations. */
	dataAge: z.string().optional(),
	policy: z.string(),
	objective: z.object({
		metric: z.string(),
		unit: z.string(),
		direction: z.enum(["Minimize", "Maximize"]),
		target: z.number().optional(),
	}),
	modelRef: z.object({ name: z.string(), version: z.string(), sha256: z.string() }).optional(),
	current: z
		.object({
			node: z.string().optional(),
			domain: z.string().optional(),
			measured: z.number().optional(),
			measuredAt: z.string().optional(),
			/** Why `measured` is absent. */
			measuredUnknown: z.string().optional(),
			predicted: predictionSchema.optional(),
		})
		.prefault({}),
	recommended: z
		.object({
			node: z.string(),
			domain: z.string().optional(),
			gain: z.number().optional(),
			gainLowerBound: z.number().optional(),
			predicted: predictionSchema.optional(),
		})
		.optional(),
	decision: z.object({ action: z.enum(["Stay", "Move", "Unknown"]), reason: z.string(), message: z.string() }),
	nodes: z.array(nodeSchema).default([]),
	nodesTotal: z.number().default(0),
});

/** The status of a QoSReport as the API server keeps it. */
export type QoSReportStatus = z.output<typeof reportStatusSchema>;

/** One node as a report tells of it. */
export type ReportedNode = QoSReportStatus["nodes"][number];

const reportSchema = z.object({
	metadata: z.object({
		namespace: z.string(),
		name: z.string(),
		uid: z.string().default(""),
		resourceVersion: z.string().default(""),
		creationTimestamp: z.string().optional(),
	}),
	/** Absent until the first evaluation. */
	status: reportStatusSchema.optional(),
});

/** A QoSReport as the API server gives it, as far as readers need it. */
export type QoSReport = z.output<typeof reportSchema>;

// An empty status is what the API server shows of a report that nothing was written to yet.
const withEmptyStatus = z.looseObject({ status: z.strictObject({}) });
const storedSchema = z.preprocess(
	(input) => (withEmptyStatus.safeParse(input).success ? { ...(input as object), status: undefined } : input),
	reportSchema,
);

export function parseReport(input: unknown): Parsed<QoSReport> {
	return parseObject(storedSchema, input, "QoSReport");
}

/** What a report says of the objective, beside the evaluation. */
export interface ReportContext {
	readonly policy: Pick<Policy, "objective" | "rebalance">;
	/** Unit of the objective's metric, from the metric catalogue. */
	readonly unit: string;
}

/** An evaluation as a QoSReport's status: the best 500 nodes first, the current one always. */
export function toReportStatus(evaluation: Evaluation, { policy, unit }: ReportContext): QoSReportStatus {
	const { objective } = policy;
	const { candidates, current } = evaluation;
	return {
		observedAt: timestamp(evaluation.observedAt),
		...(evaluation.dataAgeSeconds !== undefined && { dataAge: formatDuration(Math.round(evaluation.dataAgeSeconds)) }),
		policy: evaluation.policy,
		objective: {
			metric: objective.metric,
			unit,
			direction: objective.direction,
			...(objective.target !== undefined && { target: objective.target }),
		},
		...(evaluation.model && { modelRef: { ...evaluation.model } }),
		current: currentOf(evaluation),
		...(evaluation.recommended && { recommended: recommendedOf(evaluation.recommended) }),
		decision: { ...evaluation.decision },
		nodes: listCandidates(candidates, policy, { limit: MAX_REPORTED_NODES, always: current.node }).map(nodeOf),
		nodesTotal: candidates.nodes.length,
	};
}

function currentOf({ current }: Evaluation): QoSReportStatus["current"] {
	const { node, domain, measured, predicted } = current;
	return {
		...(node !== undefined && { node }),
		...(domain !== undefined && { domain }),
		...(measured.known
			? { measured: rounded(measured.value), measuredAt: timestamp(measured.at) }
			: { measuredUnknown: measured.reason }),
		...(predicted && { predicted: roundedPrediction(predicted) }),
	};
}

function recommendedOf(recommended: NonNullable<Evaluation["recommended"]>): QoSReportStatus["recommended"] {
	const { node, domain, gain, gainLowerBound, predicted } = recommended;
	return {
		node,
		domain,
		...(gain !== undefined && { gain: rounded(gain) }),
		...(gainLowerBound !== undefined && { gainLowerBound: rounded(gainLowerBound) }),
		predicted: roundedPrediction(predicted),
	};
}

function nodeOf({ node, domain, verdict, predicted, rank }: Candidate): ReportedNode {
	return {
		name: node,
		...(domain !== node && { domain }),
		feasible: verdict.feasible,
		...(!verdict.feasible && { reason: verdict.reason, message: verdict.message }),
		...(predicted && { predicted: roundedPrediction(predicted) }),
		...(rank !== undefined && { rank }),
	};
}

function timestamp(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
