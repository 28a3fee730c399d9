/**
 * `NotFound`: the server has no such thing. `Denied`: credentials or rights. `Unreachable`: no whole answer came.
 * `Refused`: the request is not one that the server takes. `ServerError`: the server failed, or what answered is not
 * MLflow. `TooLarge`: more bytes than asked for.
 */
export type MlflowFailure =
	| "NotFound"
	| "AlreadyExists"
	| "Denied"
	| "Unreachable"
	| "Refused"
	| "ServerError"
	| "TooLarge";

/** Statuses after which MLflow's own clients try again. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** undici's own codes, in words. */
const CODES: Readonly<Record<string, string>> = {
	UND_ERR_SOCKET: "connection closed",
	UND_ERR_CONNECT_TIMEOUT: "no connection in time",
	UND_ERR_HEADERS_TIMEOUT: "no answer in time",
	UND_ERR_BODY_TIMEOUT: "answer stands still",
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "answer cut short",
};

const LONGEST_DETAIL = 200;

/** Why MLflow gave no usable answer, in one line without secrets. */
export class MlflowError extends Error {
	override readonly name = "MlflowError";
	readonly failure: MlflowFailure;
	/** The same call may succeed a moment later. */
	readonly transient: boolean;

	constructor(message: string, failure: MlflowFailure, transient = false) {
		super(message);
		this.failure = failure;
		this.transient = transient;
	}

	/** MLflow says itself what is wrong. `where` is the server's address and the call. */
	static ofAnswer(where: string, status: number, { code, message }: { code: string; message: string }): MlflowError {
		if (status === 401 || status === 403) return MlflowError.denied(where, status, message);
		const transient = TRANSIENT_STATUSES.has(status);
		return new MlflowError(
			`${where} answered ${status} ${code} (${oneLine(message)})`,
			failureOf(status, code),
			transient,
		);
	}

	/** The answer is not MLflow's JSON: a page, plain text, another service. */
	static notJson(
		where: string,
		status: number,
		{ contentType, text }: { contentType: string; text: string },
	): MlflowError {
		if (status === 401 || status === 403) return MlflowError.denied(where, status, text);
		const transient = TRANSIENT_STATUSES.has(status);
		const what = contentType.startsWith("application/json")
			? `JSON that is not MLflow's (${oneLine(text)})`
			: `${contentType} instead of JSON`;
		return new MlflowError(`${where} answered ${status} with ${what}; ${mendOfPage(status)}`, "ServerError", transient);
	}

	static unreachable(where: string, error: unknown): MlflowError {
		const code = codeOf(error);
		if (/CERT|ISSUER|SIGNATURE|SELF_SIGNED/.test(code)) {
			return new MlflowError(
				`the certificate of ${where} is not trusted (${code}); check mlflow.caFile, and the name in mlflow.trackingUri`,
				"Unreachable",
			);
		}
		return new MlflowError(
			`${where} cannot be reached (${code}); check mlflow.trackingUri and that MLflow runs`,
			"Unreachable",
			true,
		);
	}

	static timedOut(where: string, seconds: number): MlflowError {
		return new MlflowError(
			`${where} gave no answer within ${seconds} s; raise mlflow.timeout or relieve the server`,
			"Unreachable",
		);
	}

	/** `text` is what the server says, a Host header that it does not know for one. */
	private static denied(where: string, status: number, text: string): MlflowError {
		if (/host header/i.test(text)) {
			return new MlflowError(
				`${where} does not answer under this name (status ${status}); start MLflow with --allowed-hosts naming it`,
				"Denied",
			);
		}
		const mend =
			status === 401
				? "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or their files under mlflow"
				: "give this user the right, or use another one";
		return new MlflowError(`${where} refused the credentials (status ${status}); ${mend}`, "Denied");
	}
}

/** What is to be done about a page instead of JSON. */
function mendOfPage(status: number): string {
	if (status === 429) return "a proxy before MLflow takes no more calls; raise its limit";
	if (status >= 500 || TRANSIENT_STATUSES.has(status)) return "MLflow or a proxy before it is not up";
	if (status >= 300 && status < 400) {
		return "it sends on to another page, a login for one, which is not followed; name the address behind it in mlflow.trackingUri, and credentials";
	}
	return "mlflow.trackingUri must name an MLflow server, without a path unless it is served under one";
}

function failureOf(status: number, code: string): MlflowFailure {
	if (code === "RESOURCE_DOES_NOT_EXIST" || status === 404) return "NotFound";
	if (code === "RESOURCE_ALREADY_EXISTS") return "AlreadyExists";
	return status >= 500 || TRANSIENT_STATUSES.has(status) ? "ServerError" : "Refused";
}

/** undici wraps the cause of some failures; a code says more than its words. */
function codeOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if ("code" in error && typeof error.code === "string") return CODES[error.code] ?? error.code;
	if (error.cause instanceof Error) return codeOf(error.cause);
	return oneLine(error.message);
}

function oneLine(text: string): string {
	const [line = ""] = text.trim().split("\n");
	return line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}...` : line;
}
