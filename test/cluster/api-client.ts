import { once } from "node:events";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";

/** An answer of the API server outside 2xx. */
export class ApiError extends Error {
	readonly status: number;
	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

export interface ApiRequest {
	readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
	readonly path: string;
	/** Sent as JSON; a PATCH is a merge patch. */
	readonly body?: unknown;
}

/** Just enough of a client to look after nodes; thousands of requests through few connections. */
export interface ApiClient {
	/** The body of the answer. Rejects with ApiError, or with the connection's error. */
	send(call: ApiRequest): Promise<string>;
	close(): void;
}

/** @param readCa gives the PEM; called at the first request, since the API server writes it at its start */
export function createApiClient(url: string, token: string, readCa: () => Buffer): ApiClient {
	let agent: Agent | undefined;
	async function send(call: ApiRequest): Promise<string> {
		agent ??= new Agent({ keepAlive: true, maxSockets: 32, ca: readCa() });
		const method = call.method ?? "GET";
		const outgoing = request(new URL(call.path, url), {
			agent,
			method,
			timeout: 10_000,
			headers: {
				authorization: `Bearer ${token}`,
				accept: "application/json",
				"content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
			},
		});
		outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${call.path}: no answer within 10 s`)));
		outgoing.end(call.body === undefined ? undefined : JSON.stringify(call.body));
		const [response] = await once(outgoing, "response");
		const body = await text(response);
		if (response.statusCode >= 300) {
			throw new ApiError(response.statusCode, `${method} ${call.path}: ${response.statusCode} ${reasonOf(body)}`);
		}
		return body;
	}
	return { send, close: () => agent?.destroy() };
}

function reasonOf(body: string): string {
	try {
		const status: { message?: string } = JSON.parse(body);
		return status.message ?? body;
	} catch {
		return body.trim();
	}
}
