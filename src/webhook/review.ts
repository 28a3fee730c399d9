import { z } from "zod";

export const ADMISSION_API_VERSION = "admission.k8s.io/v1";

/** What is read of an AdmissionReview; the object is judged on its own. */
const reviewSchema = z.object({
	apiVersion: z.literal(ADMISSION_API_VERSION),
	kind: z.literal("AdmissionReview"),
	request: z.object({
		uid: z.string().min(1),
		resource: z.object({ group: z.string().default(""), resource: z.string() }),
		subResource: z.string().default(""),
		operation: z.string(),
		namespace: z.string().default(""),
		dryRun: z.boolean().nullish(),
		object: z.unknown(),
	}),
});

/** One question of the API server. */
export interface AdmissionRequest {
	readonly uid: string;
	readonly namespace: string;
	readonly dryRun: boolean;
	/** Whether it is about the creation of a pod; nothing else is answered with more than `allowed`. */
	readonly createsPod: boolean;
	/** As it came over the wire. */
	readonly object: unknown;
}

/** An AdmissionReview v1 -> its request, or one line that says what is wrong with it. */
export function readReview(input: unknown): AdmissionRequest | { readonly problem: string } {
	const result = reviewSchema.safeParse(input);
	if (!result.success) {
		const [issue] = result.error.issues;
		const place = issue?.path.join(".") || "body";
		return { problem: `not an AdmissionReview of ${ADMISSION_API_VERSION}: ${place}: ${issue?.message ?? "invalid"}` };
	}
	const { uid, resource, subResource, operation, namespace, dryRun, object } = result.data.request;
	const isPod = resource.group === "" && resource.resource === "pods" && subResource === "";
	return { uid, namespace, dryRun: dryRun === true, createsPod: isPod && operation === "CREATE", object };
}
