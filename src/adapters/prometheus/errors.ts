const CORRECT_QUERY = "correct it under metrics.catalogue in the configuration";

/** Why Prometheus gave no usable answer, in one line without secrets. */
export class PrometheusError extends Error {
	override readonly name = "PrometheusError";
	/** Server: the words are the same whatever the query asks. */
	readonly concerns: "Query" | "Server";

	constructor(message: string, concerns: "Query" | "Server" = "Query") {
		super(message);
		this.concerns = concerns;
	}

	/** The answer says what is wrong with the query or the server. */
	static ofAnswer(status: number, type: string, detail: string): PrometheusError {
		const cause = `${type}: ${detail.replaceAll(/\s+/g, " ")}`;
		if (status === 400) return new PrometheusError(`the query is not valid PromQL (${cause}); ${CORRECT_QUERY}`);
		if (status === 422) return new PrometheusError(`the query cannot be evaluated (${cause}); ${CORRECT_QUERY}`);
		if (status === 503)
			return new PrometheusError(`Prometheus gave up on the query (${cause}); it is overloaded or starting`);
		return new PrometheusError(`Prometheus answered ${status} (${cause})`);
	}

	static notJson(address: string, status: number, contentType: string): PrometheusError {
		if (status === 401 || status === 403) {
			return new PrometheusError(
				`${address} refused the credentials (status ${status}); set prometheus.bearerTokenFile, or username and passwordFile`,
				"Server",
			);
		}
		const mend =
			status >= 500
				? "Prometheus or a proxy before it is not up"
				: "prometheus.url must name Prometheus, not a page before it";
		return new PrometheusError(
			`${address} answered status ${status} with ${contentType} instead of JSON; ${mend}`,
			"Server",
		);
	}

	static unreachable(address: string, error: unknown): PrometheusError {
		const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
		if (/CERT|ISSUER|SIGNATURE/.test(code)) {
			return new PrometheusError(
				`the certificate of ${address} is not trusted (${code}); check prometheus.caFile, and the name in prometheus.url`,
				"Server",
			);
		}
		return new PrometheusError(
			`${address} cannot be reached (${code}); check prometheus.url and that Prometheus runs`,
			"Server",
		);
	}
}
