import http from "node:http";
import https from "node:https";
import { MAX_CLOCK_SKEW_MS } from "../../core/clock-skew.ts";
import { duration } from "../../core/recommendation/format.ts";
import { basicAuthorization, readCredential, userInfo } from "../../http/credentials.ts";
import { parseJson } from "../../http/json.ts";
import { PrometheusError } from "./errors.ts";
import { type HttpAnswer, send } from "./http.ts";
import { promqlDuration } from "./query.ts";
import { type RangeSeries, rangeAnswer } from "./schema.ts";

export interface PrometheusClientOptions {
	/** Address of Prometheus, with a path prefix where it has one. */
	readonly url: string;
	/** Seconds that one query may take. */
	readonly timeout: number;
	/** Files are read anew for every query, since credentials rotate. */
	readonly bearerTokenFile?: string | undefined;
	readonly username?: string | undefined;
	readonly passwordFile?: string | undefined;
	/** PEM file with the certificate authorities to trust instead of the system's. */
	readonly caFile?: string | undefined;
	/** Answers beyond this are refused. Default: 64 MiB. */
	readonly maxResponseBytes?: number | undefined;
}

export interface RangeQuery {
	readonly query: string;
	/** First and last step, ms since the epoch. */
	readonly start: number;
	readonly end: number;
	readonly stepSeconds: number;
}

const DEFAULT_MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** The HTTP API of Prometheus, as far as range queries need it. */
export class PrometheusClient {
	private readonly options: PrometheusClientOptions;
	private readonly endpoint: URL;
	private readonly agent: http.Agent;

	constructor(options: PrometheusClientOptions) {
		this.options = options;
		this.endpoint = new URL(`${options.url.replace(/\/+$/, "")}/api/v1/query_range`);
		this.agent =
			this.endpoint.protocol === "https:" ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true });
	}

	/** Closes idle connections. */
	close(): void {
		this.agent.destroy();
	}

	/**
	 * Evaluates a query at every step from `start` to `end`.
	 * @throws PrometheusError with one line that says what failed and how to mend it
	 */
	async queryRange(range: RangeQuery, signal?: AbortSignal): Promise<readonly RangeSeries[]> {
		const form = new URLSearchParams({
			query: range.query,
			start: String(range.start / 1000),
			end: String(range.end / 1000),
			step: String(range.stepSeconds),
			timeout: promqlDuration(this.options.timeout),
			// Bounds how long a dead series repeats its last value; Prometheus 2 ignores it.
			lookback_delta: promqlDuration(2 * range.stepSeconds),
		});
		const answer = await this.post(form.toString(), signal);
		const json = parseJson(answer.body);
		if (json === undefined) throw PrometheusError.notJson(this.address, answer.status, answer.contentType);
		const parsed = rangeAnswer.safeParse(json);
		if (!parsed.success) {
			const [issue] = parsed.error.issues;
			throw new PrometheusError(
				`the answer of ${this.address} is not one of Prometheus (status ${answer.status}, ${issue?.path.join(".")}: ${issue?.message}); check prometheus.url`,
				"Server",
			);
		}
		if (parsed.data.status === "error") {
			throw PrometheusError.ofAnswer(answer.status, parsed.data.errorType, parsed.data.error);
		}
		this.checkClock(answer.date);
		const truncated = parsed.data.warnings.find((warning) => warning.includes("truncated"));
		if (truncated !== undefined) {
			throw new PrometheusError(
				`the answer is partial (${truncated}); raise the limit of Prometheus or narrow the query`,
			);
		}
		return parsed.data.data.result;
	}

	/** By another clock than ours, old values would pass for new ones. */
	private checkClock(date: number): void {
		const ahead = date - Date.now();
		if (Number.isNaN(ahead) || Math.abs(ahead) <= MAX_CLOCK_SKEW_MS) return;
		const by = `${ahead > 0 ? "ahead of" : "behind"} this one by ${duration(Math.abs(ahead))}`;
		throw new PrometheusError(
			`the clock of ${this.address} is ${by}, so nobody can say how old its values are; synchronize both clocks`,
			"Server",
		);
	}

	/** The address without credentials, for messages. */
	private get address(): string {
		return `${this.endpoint.protocol}//${this.endpoint.host}${this.endpoint.pathname.replace(/\/api\/v1\/query_range$/, "")}`;
	}

	private async post(body: string, signal: AbortSignal | undefined): Promise<HttpAnswer> {
		const timeout = AbortSignal.timeout(this.options.timeout * 1000);
		const headers = await this.authorization();
		const ca = await readCredential(this.options.caFile, "prometheus.caFile", unreadable);
		try {
			return await send(this.endpoint, body, {
				agent: this.agent,
				headers,
				ca,
				signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
				maxBytes: this.options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
			});
		} catch (error) {
			if (error instanceof PrometheusError) throw error;
			if (timeout.aborted) {
				throw new PrometheusError(
					`no answer from ${this.address} within ${this.options.timeout} s; raise prometheus.timeout or narrow the query`,
					"Server",
				);
			}
			throw PrometheusError.unreachable(this.address, error);
		}
	}

	private async authorization(): Promise<Record<string, string>> {
		const { bearerTokenFile, username, passwordFile } = this.options;
		const token = await readCredential(bearerTokenFile, "prometheus.bearerTokenFile", unreadable);
		if (token !== undefined) return { authorization: `Bearer ${token.trim()}` };
		const inAddress = userInfo(this.endpoint);
		const name = username ?? inAddress.username;
		if (name === "") return {};
		const password =
			(await readCredential(passwordFile, "prometheus.passwordFile", unreadable))?.trimEnd() ?? inAddress.password;
		return { authorization: basicAuthorization(name, password) };
	}
}

function unreadable(message: string): PrometheusError {
	return new PrometheusError(message, "Server");
}
