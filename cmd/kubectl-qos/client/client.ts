import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { unreachable } from "../errors.ts";
import { version } from "../version.ts";
import { collect, linesOf, parseJson } from "./body.ts";
import type { Access, Connection } from "./connection.ts";
import { explainNetwork } from "./network-error.ts";
import { type Page, pageOf } from "./page.ts";
import { parseStatus, refusalOf } from "./status.ts";

/** Objects per page of a list when nobody said. */
const PAGE = 500;
/** A server that is too busy is asked this often again. */
const RETRIES = 3;
/** Bodies are logged up to this many characters. */
const LOGGED = 1024;

export type Query = Readonly<Record<string, string | undefined>>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Request {
	readonly method: Method;
	readonly path: string;
	readonly query?: Query | undefined;
	readonly body?: string | undefined;
	readonly headers?: Readonly<Record<string, string>> | undefined;
	/** Told of every warning that comes with the answer. */
	readonly onWarning?: ((text: string) => void) | undefined;
}

interface Answer {
	readonly status: number;
	/** Seconds. */
	readonly retryAfter: number;
	readonly body: string;
}

export interface ClientOptions {
	/** ms for one whole answer; absent: no limit. */
	readonly timeout: number | undefined;
	/** Told of every request. */
	readonly log: ((line: string) => void) | undefined;
	/** Log bodies too. */
	readonly bodies: boolean;
}

/** How a collection is asked for. */
interface Listing {
	readonly query?: Query;
	/** Objects per page; 0: all in one. */
	readonly limit?: number;
	/** Objects of the first page, when something is to be seen soon; default: as many as of the others. */
	readonly first?: number;
	readonly headers?: Request["headers"];
}

/** A 404: of an object by its name, or of a path that the server does not serve at all. */
export interface Missing {
	readonly missing: "Object" | "Path";
}

export function isMissing(answer: object): answer is Missing {
	return "missing" in answer;
}

/** Plain requests to the API server: what a plugin needs, without the start-up time of a generated client. */
export class ApiClient {
	readonly #connection: Connection;
	readonly #options: ClientOptions;

	constructor(connection: Connection, options: ClientOptions) {
		this.#connection = connection;
		this.#options = options;
	}

	/** One object. @throws PluginError */
	get(path: string, headers: Request["headers"] = {}): Promise<object | Missing> {
		return this.#ask({ method: "GET", path, headers });
	}

	/** Creates an object and returns it as the server stored it. @throws PluginError */
	create(path: string, body: object, query: Query = {}): Promise<object | Missing> {
		return this.#ask({ method: "POST", path, query, body: JSON.stringify(body) });
	}

	/** Any other request with a JSON body. @throws PluginError */
	send(method: Method, path: string, what: Omit<Request, "method" | "path"> = {}): Promise<object | Missing> {
		return this.#ask({ method, path, ...what });
	}

	/** A collection page by page, in the order of its keys. @throws PluginError */
	async *pages(
		path: string,
		{ query = {}, limit = PAGE, first = limit, headers }: Listing = {},
	): AsyncGenerator<Page | Missing> {
		let token: string | undefined;
		do {
			const size = token === undefined ? Math.min(first, limit) : limit;
			const paging = { limit: size > 0 ? String(size) : undefined, continue: token };
			const answer = await this.#ask({ method: "GET", path, query: { ...query, ...paging }, headers });
			if (isMissing(answer)) {
				yield answer;
				return;
			}
			const { page, next } = pageOf(answer) ?? refuseAnswer(this.#connection.server);
			yield page;
			token = next;
		} while (token !== undefined);
	}

	/** All objects of a collection. @throws PluginError */
	async list(path: string, query: Query = {}, headers: Request["headers"] = {}): Promise<readonly object[] | Missing> {
		const objects: object[] = [];
		for await (const page of this.pages(path, { query, headers })) {
			if (isMissing(page)) return page;
			objects.push(...page.objects);
		}
		return objects;
	}

	/** The values of an answer of JSON lines that does not end, until `signal` fires. @throws PluginError */
	async *lines(path: string, query: Query, signal: AbortSignal): AsyncGenerator {
		const { response } = await this.#open({ method: "GET", path, query }, signal);
		if (response.statusCode !== 200) throw await refused(response);
		try {
			for await (const line of linesOf(response)) yield JSON.parse(line);
		} catch (error) {
			if (!signal.aborted) throw explainNetwork(asError(error), this.#connection.server);
		}
	}

	/** Lets the process end. */
	close(): void {
		this.#connection.close();
	}

	async #ask(request: Request): Promise<object | Missing> {
		let answer = await this.#answer(request);
		if (answer.status === 401 && (await this.#connection.renew())) answer = await this.#answer(request);
		for (let attempt = 0; answer.status === 429 && attempt < RETRIES; attempt += 1) {
			await delay(1000 * Math.min(10, answer.retryAfter));
			answer = await this.#answer(request);
		}
		const { status, body } = answer;
		if (status >= 200 && status < 300) return parseJson(body) ?? refuseAnswer(this.#connection.server);
		const refusal = parseStatus(parseJson(body));
		if (status === 404) return { missing: refusal?.details?.name === undefined ? "Path" : "Object" };
		throw refusalOf(status, refusal, body);
	}

	async #answer(request: Request): Promise<Answer> {
		const { response, sent } = await this.#open(request);
		const timer = this.#deadline(sent);
		try {
			const body = await collect(response);
			for (const warning of response.headersDistinct["warning"] ?? []) request.onWarning?.(warning);
			if (this.#options.bodies) this.#options.log?.(`Response Body: ${body.slice(0, LOGGED)}`);
			return { status: response.statusCode ?? 0, retryAfter: Number(response.headers["retry-after"]) || 1, body };
		} catch (error) {
			throw explainNetwork(asError(error), this.#connection.server);
		} finally {
			clearTimeout(timer);
		}
	}

	/** Resolves when the head of the answer is there. */
	async #open(
		{ method, path, query = {}, body, headers = {} }: Request,
		signal?: AbortSignal,
	): Promise<{ readonly response: IncomingMessage; readonly sent: ClientRequest }> {
		const { server } = this.#connection;
		const url = new URL(server.href.replace(/\/+$/, "") + path);
		for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
		const request = url.protocol === "http:" ? requestHttp : requestHttps;
		const access = await this.#connection.access();
		const started = performance.now();
		if (body !== undefined && this.#options.bodies) this.#options.log?.(`Request Body: ${body.slice(0, LOGGED)}`);
		return new Promise((resolve, reject) => {
			const sent = request(url, {
				method,
				agent: access.agent,
				headers: allHeaders(access, body, headers),
				...(signal && { signal }),
			});
			const timer = this.#deadline(sent);
			sent.on("response", (response) => {
				clearTimeout(timer);
				const took = Math.round(performance.now() - started);
				this.#options.log?.(
					`${method} ${url.href} ${response.statusCode} ${response.statusMessage} in ${took} milliseconds`,
				);
				resolve({ response, sent });
			});
			sent.on("error", (error) => {
				clearTimeout(timer);
				reject(signal?.aborted ? error : explainNetwork(error, server));
			});
			sent.end(body);
		});
	}

	/** Not a socket's idle time but the whole answer's, as --request-timeout means it. */
	#deadline(sent: ClientRequest): NodeJS.Timeout | undefined {
		const { timeout } = this.#options;
		return timeout === undefined ? undefined : setTimeout(() => sent.destroy(new Error("timeout")), timeout);
	}
}

function allHeaders(access: Access, body: string | undefined, headers: Readonly<Record<string, string>>) {
	return {
		...access.headers,
		Accept: "application/json",
		"User-Agent": `kubectl-qos/${version()}`,
		// Node sends none with DELETE by itself, and the server would take the body for another request.
		...(body !== undefined && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }),
		...headers,
	};
}

async function refused(response: IncomingMessage): Promise<Error> {
	const body = await collect(response);
	return refusalOf(response.statusCode ?? 0, parseStatus(parseJson(body)), body);
}

function refuseAnswer({ origin }: URL): never {
	throw unreachable(
		`error: ${origin} answers, but not as a Kubernetes API server does; check the server in the kubeconfig, or --server`,
	);
}

function asError(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}
