import http from "node:http";
import https from "node:https";
import { PrometheusError } from "./errors.ts";

export interface HttpAnswer {
	readonly status: number;
	readonly contentType: string;
	/** The server's clock, ms since the epoch; NaN: it does not tell. */
	readonly date: number;
	readonly body: string;
}

export interface SendOptions {
	readonly agent: http.Agent;
	readonly headers: Readonly<Record<string, string>>;
	/** PEM certificates to trust instead of the system's. */
	readonly ca: string | undefined;
	readonly signal: AbortSignal;
	readonly maxBytes: number;
}

/**
 * Posts a form and reads the answer whole. Not `fetch`, which cannot be given a certificate authority
 * without another package.
 * @throws the error of the connection, or PrometheusError when the answer is larger than `maxBytes`
 */
export async function send(url: URL, form: string, options: SendOptions): Promise<HttpAnswer> {
	for (;;) {
		try {
			return await sendOnce(url, form, options);
		} catch (error) {
			if (!(error instanceof IdleConnectionLost)) throw error;
		}
	}
}

/** The server had closed a kept connection by the time it was used again: nothing was asked yet. */
class IdleConnectionLost extends Error {}

function sendOnce(url: URL, form: string, options: SendOptions): Promise<HttpAnswer> {
	const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
	const { request } = url.protocol === "https:" ? https : http;
	const outgoing = request(
		{
			protocol: url.protocol,
			hostname: url.hostname.replace(/^\[|\]$/g, ""),
			port: url.port,
			path: url.pathname + url.search,
			method: "POST",
			agent: options.agent,
			signal: options.signal,
			...(options.ca === undefined ? {} : { ca: options.ca }),
			headers: {
				...options.headers,
				accept: "application/json",
				"content-type": "application/x-www-form-urlencoded",
				"content-length": Buffer.byteLength(form),
			},
		},
		(incoming) => {
			readWhole(incoming, options.maxBytes).then(resolve, reject);
		},
	);
	outgoing.on("error", (error) => {
		const isIdleLoss = outgoing.reusedSocket && "code" in error && error.code === "ECONNRESET";
		reject(isIdleLoss ? new IdleConnectionLost() : error);
	});
	outgoing.end(form);
	return promise;
}

async function readWhole(incoming: http.IncomingMessage, maxBytes: number): Promise<HttpAnswer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of incoming) {
		const bytes = Buffer.from(chunk);
		size += bytes.length;
		if (size > maxBytes) {
			incoming.destroy();
			throw new PrometheusError(`the answer is larger than ${maxBytes} bytes; narrow the query or aggregate in PromQL`);
		}
		chunks.push(bytes);
	}
	return {
		status: incoming.statusCode ?? 0,
		contentType: incoming.headers["content-type"] ?? "no content type",
		date: Date.parse(incoming.headers.date ?? ""),
		body: Buffer.concat(chunks).toString("utf8"),
	};
}
