import { z } from "zod";
import { parseJson } from "../../http/json.ts";

const statusSchema = z.object({
	message: z.string().default(""),
	reason: z.string().default(""),
	details: z.object({ retryAfterSeconds: z.number().optional() }).nullish(),
});

/**
 * The API server refused a request, or could not be reached (status 0). The message is one line that
 * says what was asked of whom and why not; it holds no credentials.
 */
export class ApiError extends Error {
	override readonly name = "ApiError";
	/** HTTP status; 0 without an answer. */
	readonly status: number;
	/** Kubernetes' reason such as `Conflict`, or an error code such as `ECONNREFUSED`. */
	readonly reason: string;
	readonly retryAfterSeconds: number | undefined;

	constructor(message: string, details: { status: number; reason: string; retryAfterSeconds?: number | undefined }) {
		super(message);
		this.status = details.status;
		this.reason = details.reason;
		this.retryAfterSeconds = details.retryAfterSeconds;
	}
}

/** An error answer -> ApiError. `what` is method and path. */
export function refusal(what: string, status: number, body: string): ApiError {
	const answer = statusSchema.safeParse(parseJson(body));
	const { message, reason, details } = answer.success ? answer.data : { message: "", reason: "", details: undefined };
	const [text = ""] = message.split("\n");
	return new ApiError(`${what}: ${status} ${reason}${text === "" ? "" : `: ${text}`}`.trim(), {
		status,
		reason,
		retryAfterSeconds: details?.retryAfterSeconds,
	});
}

/** A failure on the way -> ApiError. */
export function unreachable(what: string, server: string, cause: unknown): ApiError {
	const code = codeOf(cause);
	return new ApiError(`${what}: the API server ${server} ${problemOf(cause, code)}`, { status: 0, reason: code });
}

/** Node's codes for a certificate that proves nothing. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;
/** Of a file with credentials; a connection's code may be EACCES as well. */
const UNREADABLE = ["ENOENT", "EACCES", "EPERM", "EISDIR"];

function problemOf(cause: unknown, code: string): string {
	const syscall = cause instanceof Error && "syscall" in cause ? String(cause.syscall) : "";
	if (UNREADABLE.includes(code) && ["open", "read"].includes(syscall)) {
		const file = cause instanceof Error && "path" in cause ? String(cause.path) : "a file with credentials";
		return `cannot be asked: ${file} cannot be read (${code}); correct the kubeconfig, or the volume of the pod's ServiceAccount`;
	}
	if (UNTRUSTED.test(code)) {
		return `is not trusted (${code}); check certificate-authority in the kubeconfig, or ca.crt of the pod's ServiceAccount`;
	}
	const hint = code === "TimeoutError" ? "no answer in time" : code;
	return `cannot be reached (${hint}); check that it runs and that the kubeconfig names it`;
}

function codeOf(cause: unknown): string {
	if (!(cause instanceof Error)) return String(cause);
	if ("code" in cause && typeof cause.code === "string") return cause.code;
	return cause.name === "Error" ? (cause.message.split("\n")[0] ?? "unknown") : cause.name;
}
