import type { Logger } from "pino";
import { isProbe } from "../api/v1alpha1/probe.ts";
import type { PlacementDecision, SkipReason } from "../core/admission/placement.ts";
import type { AdmissionPod } from "../core/admission/pod.ts";
import { type Answer, allowed, errored, patched, probed, skipped } from "./answers.ts";
import { placementPatch } from "./patch.ts";
import { readAdmittedPod, UnreadablePodError } from "./pod.ts";
import type { AdmissionRequest } from "./review.ts";
import type { AdmissionResult, WebhookTelemetry } from "./telemetry.ts";

/** What a decision is made for. */
export interface DecisionRequest {
	/** No side effect is allowed: nothing may be reserved. */
	readonly dryRun: boolean;
	/** Aborted when the answer has been given without the decision: it must not have effects any more. */
	readonly signal: AbortSignal;
}

/** Port to the core: where should this pod go? */
export type Decide = (pod: AdmissionPod, request: DecisionRequest) => Promise<PlacementDecision>;

export interface MutateOptions {
	readonly decide: Decide;
	/** Of the controller, `v1.2.3`; told to who probes the webhook. */
	readonly version?: string | undefined;
	readonly telemetry: WebhookTelemetry;
	readonly logger: Logger;
}

/** Skips that a user would want to know of: a policy asked for a placement and got none. */
const WARN_ABOUT: ReadonlySet<SkipReason> = new Set([
	"NamespaceNodeSelector",
	"TopologySpread",
	"NoFeasibleNode",
	"MetricsAbsent",
	"MetricsStale",
	"PredictionUnknown",
	"ModelRefused",
	"CachesStale",
]);

interface Outcome {
	readonly result: AdmissionResult;
	readonly reason: string;
	readonly answer: Answer;
	/** What was wrong with the question. */
	readonly problem?: string;
	/** What went wrong here. */
	readonly error?: unknown;
}

/** Answers a review within `deadlineMs`. Never rejects and never refuses a pod. */
export async function mutate(request: AdmissionRequest, deadlineMs: number, options: MutateOptions): Promise<Answer> {
	if (!request.createsPod) return allowed(request.uid);
	if (request.dryRun && isProbe(request.object)) return probed(request.uid, options.version ?? "unknown");
	const { result, reason, answer, problem, error } = await withinDeadline(request, deadlineMs, options.decide);
	options.telemetry.admissions.inc({ result, reason });
	const fields = { uid: request.uid, namespace: request.namespace, dryRun: request.dryRun, result, reason };
	if (error !== undefined) options.logger.error({ ...fields, err: error }, "admission failed");
	else if (problem !== undefined) options.logger.warn({ ...fields, problem }, "pod cannot be read");
	else if (result === "deadline") options.logger.warn(fields, "admission ran out of time");
	else if (result === "applied") options.logger.info(fields, "pod placed");
	else options.logger.debug(fields, "pod left alone");
	return answer;
}

async function withinDeadline(request: AdmissionRequest, deadlineMs: number, decide: Decide): Promise<Outcome> {
	const abort = new AbortController();
	const { promise: late, resolve } = Promise.withResolvers<Outcome>();
	const timer = setTimeout(() => {
		abort.abort();
		resolve(tooLate(request, deadlineMs));
	}, deadlineMs);
	try {
		return await Promise.race([decided(request, { dryRun: request.dryRun, signal: abort.signal }, decide), late]);
	} finally {
		clearTimeout(timer);
	}
}

function tooLate({ uid }: AdmissionRequest, deadlineMs: number): Outcome {
	const answer = errored(uid, `no decision within ${Math.round(deadlineMs)} ms`);
	return { result: "deadline", reason: "Deadline", answer };
}

async function decided(request: AdmissionRequest, circumstances: DecisionRequest, decide: Decide): Promise<Outcome> {
	const { uid } = request;
	try {
		const { pod, shape } = readAdmittedPod(request);
		const decision = await decide(pod, circumstances);
		if (decision.kind === "Place") {
			return { result: "applied", reason: decision.enforcement, answer: patched(uid, placementPatch(decision, shape)) };
		}
		const { reason, message } = decision;
		const answer = WARN_ABOUT.has(reason) ? skipped(uid, message) : allowed(uid);
		return { result: "skipped", reason, answer };
	} catch (error) {
		if (error instanceof UnreadablePodError) {
			return { result: "error", reason: "UnreadablePod", answer: skipped(uid, error.message), problem: error.message };
		}
		return { result: "error", reason: "InternalError", answer: errored(uid, "see the controller's log"), error };
	}
}
