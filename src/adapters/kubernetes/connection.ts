import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, refusal, unreachable } from "./errors.ts";
import { accessAs, type ClusterAccess, type KubeConfigOptions, loadClusterAccess } from "./kubeconfig.ts";
import { RateLimit } from "./rate-limit.ts";
import { Reachability } from "./reachability.ts";
import { type Call, Transport } from "./transport.ts";

export interface ConnectionOptions extends KubeConfigOptions {
	/** How long one request may take; default 10. */
	readonly timeoutSeconds?: number | undefined;
	/** Writes per second at most; default 50. Reads come from watches and are not limited. */
	readonly queriesPerSecond?: number | undefined;
}

export interface ApiRequest {
	readonly method?: Call["method"];
	/** Path below the server's address, parts already encoded. */
	readonly path: string;
	readonly query?: Readonly<Record<string, string | number | undefined>>;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Default `application/json`; patches say which they are. */
	readonly contentType?: string;
	/** Default `application/json`; the API server can be asked for metadata only. */
	readonly accept?: string | undefined;
	readonly signal?: AbortSignal | undefined;
	/** For an answer; of a watch: how long it may say nothing. */
	readonly timeoutSeconds?: number;
	/** `false`: one attempt only. */
	readonly retry?: boolean;
	/** Does not wait for its turn among the writes. */
	readonly urgent?: boolean;
}

export const MERGE_PATCH = "application/merge-patch+json";

const ATTEMPTS = 4;
const USER_AGENT = "kubectl-qos";
/** A watch that says nothing for this long is dead; bookmarks come every minute, and a busy server skips some. */
const SILENCE_SECONDS = 200;

/** Requests to one API server. Every method rejects with ApiError and nothing else. */
export class KubernetesConnection {
	/** Namespace of the context, or of the ServiceAccount. */
	readonly namespace: string;
	readonly reachability = new Reachability();
	private readonly access: ClusterAccess;
	private readonly transport: Transport;
	private readonly timeoutSeconds: number;
	private readonly writes: RateLimit;

	constructor(access: ClusterAccess, options: Pick<ConnectionOptions, "timeoutSeconds" | "queriesPerSecond"> = {}) {
		this.namespace = access.namespace;
		this.access = access;
		this.transport = new Transport(access, USER_AGENT);
		this.timeoutSeconds = options.timeoutSeconds ?? 10;
		this.writes = new RateLimit(options.queriesPerSecond ?? 50);
	}

	/** Opens nothing yet. @throws KubeConfigError */
	static open(options: ConnectionOptions): KubernetesConnection {
		return new KubernetesConnection(loadClusterAccess(options), options);
	}

	/** To the same server as whoever the token belongs to; the caller closes it. */
	as(token: string): KubernetesConnection {
		return new KubernetesConnection(accessAs(this.access, token), { timeoutSeconds: this.timeoutSeconds });
	}

	get server(): string {
		return this.transport.server;
	}

	/**
	 * Answers the body as parsed JSON. Reads are tried again on 429, 5xx and lost connections; writes
	 * only where the server surely did nothing.
	 */
	async request(request: ApiRequest): Promise<unknown> {
		const isRead = (request.method ?? "GET") === "GET";
		for (let attempt = 1; ; attempt++) {
			if (!isRead && request.urgent !== true) await this.writes.pass();
			try {
				return await this.once(request);
			} catch (error) {
				const wait = request.retry === false ? undefined : retryAfter(error, { attempt, isRead });
				if (wait === undefined || request.signal?.aborted) throw error;
				await sleep(wait);
			}
		}
	}

	/** Resolves when the watch stands, to its events; they end when the server ends the watch. */
	async watch(request: ApiRequest): Promise<AsyncGenerator<unknown, void>> {
		const silence = new AbortController();
		const limit = (request.timeoutSeconds ?? SILENCE_SECONDS) * 1000;
		const timer = setTimeout(() => silence.abort(new DOMException("silent", "TimeoutError")), limit);
		timer.unref();
		const signal = request.signal ? AbortSignal.any([request.signal, silence.signal]) : silence.signal;
		const what = `watch ${request.path}`;
		try {
			const response = await this.answer(request, what, signal);
			return this.events(response, { what, timer, silence: silence.signal });
		} catch (error) {
			clearTimeout(timer);
			throw error instanceof ApiError ? error : unreachable(what, this.server, silenced(silence.signal) ?? error);
		}
	}

	/** Drops all connections. */
	close(): void {
		this.transport.close();
	}

	private async *events(
		response: IncomingMessage,
		{ what, timer, silence }: { what: string; timer: NodeJS.Timeout; silence: AbortSignal },
	): AsyncGenerator<unknown, void> {
		try {
			for await (const line of linesOf(response)) {
				timer.refresh();
				yield JSON.parse(line);
			}
		} catch (error) {
			throw unreachable(what, this.server, silenced(silence) ?? error);
		} finally {
			clearTimeout(timer);
			response.destroy();
		}
	}

	private async once(request: ApiRequest): Promise<unknown> {
		const timeout = AbortSignal.timeout((request.timeoutSeconds ?? this.timeoutSeconds) * 1000);
		const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
		const what = `${request.method ?? "GET"} ${request.path}`;
		try {
			const text = await textOf(await this.answer(request, what, signal));
			return text === "" ? undefined : JSON.parse(text);
		} catch (error) {
			if (error instanceof ApiError) throw error;
			throw unreachable(what, this.server, timeout.aborted ? timeout.reason : error);
		}
	}

	private async answer(request: ApiRequest, what: string, signal: AbortSignal): Promise<IncomingMessage> {
		this.reachability.asked();
		const response = await this.transport.send({
			method: request.method ?? "GET",
			path: request.path + queryOf(request.query),
			body: request.body === undefined ? undefined : JSON.stringify(request.body),
			contentType: request.contentType,
			accept: request.accept,
			signal,
		});
		const status = response.statusCode ?? 0;
		// What is before it answers 5xx while it is away.
		if (status < 500) this.reachability.answered();
		if (status < 300) return response;
		if (status === 401) this.transport.forgetCredentials();
		throw refusal(what, status, await textOf(response));
	}
}

/** Ending a silent watch looks like a broken connection from inside; this is what really happened. */
function silenced(signal: AbortSignal): unknown {
	return signal.aborted ? signal.reason : undefined;
}

function queryOf(query: ApiRequest["query"]): string {
	const parameters = new URLSearchParams();
	for (const [key, value] of Object.entries(query ?? {})) {
		if (value !== undefined) parameters.set(key, String(value));
	}
	const text = parameters.toString();
	return text === "" ? "" : `?${text}`;
}

/** How many ms to wait before another attempt; `undefined`: there is none. */
function retryAfter(error: unknown, { attempt, isRead }: { attempt: number; isRead: boolean }): number | undefined {
	if (!(error instanceof ApiError) || attempt >= ATTEMPTS) return undefined;
	if (!isUntouched(error) && !(isRead && isPassing(error))) return undefined;
	const backoff = 100 * 2 ** attempt * (0.5 + Math.random());
	return Math.max(backoff, Math.min(error.retryAfterSeconds ?? 0, 10) * 1000);
}

/** The server did nothing: it was not reached, was too busy, or did not know who asked. */
function isUntouched({ status, reason }: ApiError): boolean {
	return reason === "ECONNREFUSED" || status === 429 || status === 401;
}

function isPassing({ status, reason }: ApiError): boolean {
	return status >= 500 || (status === 0 && reason !== "TimeoutError" && reason !== "AbortError");
}

async function textOf(response: IncomingMessage): Promise<string> {
	response.setEncoding("utf8");
	let text = "";
	for await (const chunk of response) text += String(chunk);
	return text;
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void> {
	response.setEncoding("utf8");
	let rest = "";
	for await (const chunk of response) {
		const lines = (rest + String(chunk)).split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) if (line !== "") yield line;
	}
}
