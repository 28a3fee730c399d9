import { PROBE_WORDS } from "../api/v1alpha1/probe.ts";
import type { PatchOperation } from "./patch.ts";
import { ADMISSION_API_VERSION } from "./review.ts";

/** An AdmissionReview with a response; whatever happens, the pod is allowed. */
export interface Answer {
	readonly apiVersion: typeof ADMISSION_API_VERSION;
	readonly kind: "AdmissionReview";
	readonly response: {
		readonly uid: string;
		readonly allowed: true;
		readonly warnings?: readonly string[];
		readonly patchType?: "JSONPatch";
		/** Base64 of RFC 6902. */
		readonly patch?: string;
	};
}

/** The API server cuts longer warnings off. */
const MAX_WARNING = 120;

/** Admitted unchanged, with nothing to say. */
export function allowed(uid: string): Answer {
	return answer({ uid, allowed: true });
}

/** Admitted unchanged, with a word for whoever asked whether the webhook is reached. */
export function probed(uid: string, version: string): Answer {
	return answer({ uid, allowed: true, warnings: [warning(`${PROBE_WORDS}${version}`)] });
}

/** Admitted with a change. */
export function patched(uid: string, operations: readonly PatchOperation[]): Answer {
	const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
	return answer({ uid, allowed: true, patchType: "JSONPatch", patch });
}

/** Admitted unchanged; `message` tells the user why. */
export function skipped(uid: string, message: string): Answer {
	return answer({ uid, allowed: true, warnings: [warning(`not placed: ${message}`)] });
}

/** Admitted unchanged because something of ours failed. */
export function errored(uid: string, message: string): Answer {
	return answer({ uid, allowed: true, warnings: [warning(`not placed, internal error: ${message}`)] });
}

function answer(response: Answer["response"]): Answer {
	return { apiVersion: ADMISSION_API_VERSION, kind: "AdmissionReview", response };
}

function warning(text: string): string {
	const line = `kubectl-qos: ${text}`.replaceAll(/\s+/g, " ");
	return line.length <= MAX_WARNING ? line : `${line.slice(0, MAX_WARNING - 3)}...`;
}
