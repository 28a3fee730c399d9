import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { z } from "zod";
import { serverRefused, unauthorized, unreachable } from "../errors.ts";
import { version } from "../version.ts";
import type { Connection } from "./connection.ts";

/** How long to wait for an answer when nobody said: a server that drops packets must not hang us for ever. */
const DEFAULT_TIMEOUT = 30_000;
/** Objects per page of a list. */
const PAGE = 500;

export type Query = Readonly<Record<string, string | undefined>>;

interface Answer {
	readonly status: number;
	readonly body: string;
}

const statusSchema = z.object({
	kind: z.literal("Status"),
	reason: z.string().default(""),
	message: z.string().default(""),
	details: z.object({ name: z.string().optional() }).optional(),
});

const listSchema = z.looseObject({
	apiVersion: z.string().optional(),
	kind: z.string().optional(),
	items: z.array(z.looseObject({})).nullish(),
	metadata: z.object({ continue: z.string().optional() }).optional(),
});

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
	readonly #timeout: number;

	constructor(connection: Connection, requestTimeout: number | undefined) {
		this.#connection = connection;
		this.#timeout = requestTimeout ?? DEFAULT_TIMEOUT;
	}

	/** One object. @throws PluginError */
	async get(path: string): Promise<object | Missing> {
		return this.#read(await this.#send("GET", path, {}));
	}

	/** All objects of a collection, page by page, each with its kind. @throws PluginError */
	async list(path: string, query: Query = {}): Promise<readonly object[] | Missing> {
		const objects: object[] = [];
		let token: string | undefined;
		do {
			const page = this.#read(await this.#send("GET", path, { ...query, limit: String(PAGE), continue: token }));
			if (isMissing(page)) return page;
			const { apiVersion, kind, items, metadata } = listSchema.parse(page);
			const itemKind = kind?.replace(/List$/, "");
			for (const item of items ?? []) objects.push({ apiVersion, kind: itemKind, ...item });
			token = metadata?.continue || undefined;
		} while (token !== undefined);
		return objects;
	}

	/** Creates an object and returns it as the server stored it. @throws PluginError */
	async create(path: string, body: object, query: Query = {}): Promise<object | Missing> {
		return this.#read(await this.#send("POST", path, query, JSON.stringify(body)));
	}

	/** Lets the process end. */
	close(): void {
		this.#connection.agent.destroy();
	}

	#read({ status, body }: Answer): object | Missing {
		if (status >= 200 && status < 300) return parseObject(body);
		if (status === 401) throw unauthorized();
		const refusal = statusSchema.safeParse(parseObject(body)).data;
		if (status === 404) return { missing: refusal?.details?.name === undefined ? "Path" : "Object" };
		throw serverRefused(refusal?.reason || `HTTP ${status}`, refusal?.message || body.trim().slice(0, 200));
	}

	#send(method: "GET" | "POST", path: string, query: Query, body?: string): Promise<Answer> {
		const { server, agent, headers } = this.#connection;
		const url = new URL(server.href.replace(/\/+$/, "") + path);
		for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
		const request = url.protocol === "http:" ? requestHttp : requestHttps;
		return new Promise((resolve, reject) => {
			const sent = request(
				url,
				{
					method,
					agent,
					headers: {
						...headers,
						Accept: "application/json",
						"User-Agent": `kubectl-qos/${version()}`,
						...(body !== undefined && { "Content-Type": "application/json" }),
					},
				},
				(response) => void collect(response).then(resolve, reject),
			);
			// Not a socket's idle time but the whole answer's, as --request-timeout means it.
			const timer = setTimeout(() => sent.destroy(new Error("timeout")), this.#timeout);
			sent.on("close", () => clearTimeout(timer));
			sent.on("error", (error) => reject(explainNetwork(error, server)));
			sent.end(body);
		});
	}
}

async function collect(response: IncomingMessage): Promise<Answer> {
	response.setEncoding("utf8");
	let body = "";
	for await (const chunk of response) body += String(chunk);
	return { status: response.statusCode ?? 0, body };
}

function parseObject(body: string): object {
	try {
		const parsed: unknown = JSON.parse(body);
		return typeof parsed === "object" && parsed !== null ? parsed : {};
	} catch {
		return {};
	}
}

function explainNetwork(error: Error & { code?: string }, server: URL): Error {
	if (error.code === "ECONNREFUSED") {
		return unreachable(
			`The connection to the server ${server.host} was refused - did you specify the right host or port?`,
		);
	}
	if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
		return unreachable(`Unable to connect to the server: lookup ${server.hostname}: no such host`);
	}
	const isTls = /certificate|CERT|SSL|TLS|self.signed/.test(`${error.code} ${error.message}`);
	const hint = isTls ? "; check certificate-authority and server in the kubeconfig" : "";
	const what = error.message === "timeout" ? `no answer from ${server.host} in time` : error.message.trim();
	return unreachable(`Unable to connect to the server: ${what}${hint}`);
}
