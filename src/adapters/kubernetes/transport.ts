import http from "node:http";
import https from "node:https";
import type { ClusterAccess } from "./kubeconfig.ts";

/** Credentials are read anew after this long: ServiceAccount tokens and client certificates rotate. */
const CREDENTIALS_MS = 30_000;

type Headers = Record<string, string | string[]>;

interface Credentials {
	readonly options: https.RequestOptions;
	readonly headers: Headers;
	readonly agent: http.Agent;
	readonly readAt: number;
}

export interface Call {
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** Path with its query. */
	readonly path: string;
	readonly body?: string | undefined;
	readonly contentType?: string | undefined;
	/** Default `application/json`. */
	readonly accept?: string | undefined;
	readonly signal: AbortSignal;
}

/** HTTP to one API server over one keep-alive agent. */
export class Transport {
	private readonly access: ClusterAccess;
	private readonly userAgent: string;
	private credentials: Credentials | undefined;

	constructor(access: ClusterAccess, userAgent: string) {
		this.access = access;
		this.userAgent = userAgent;
	}

	get server(): string {
		return this.access.server;
	}

	/** The answer with its body still to be read. Rejects when there is none. */
	async send(call: Call): Promise<http.IncomingMessage> {
		try {
			return await this.sendOnce(call);
		} catch (error) {
			// The server had closed an idle connection before the request reached it.
			if (!isStaleConnection(error)) throw error;
			return await this.sendOnce(call);
		}
	}

	/** Reads credentials anew before the next request. */
	forgetCredentials(): void {
		const previous = this.credentials;
		this.credentials = undefined;
		// Answers under way keep their connections; idle ones of the old agent are closed.
		if (previous) setTimeout(() => previous.agent.destroy(), CREDENTIALS_MS).unref();
	}

	close(): void {
		this.credentials?.agent.destroy();
	}

	private async sendOnce(call: Call): Promise<http.IncomingMessage> {
		const { options, headers, agent } = await this.authenticated();
		const url = new URL(this.access.server + call.path);
		const send = url.protocol === "http:" ? http.request : https.request;
		return new Promise((resolve, reject) => {
			const request = send(url, {
				...options,
				agent,
				method: call.method,
				signal: call.signal,
				headers: {
					...headers,
					...this.access.impersonation,
					accept: call.accept ?? "application/json",
					"user-agent": this.userAgent,
					...(call.body !== undefined && {
						"content-type": call.contentType ?? "application/json",
						"content-length": Buffer.byteLength(call.body),
					}),
				},
			});
			request.once("response", resolve);
			request.once("error", (error) => reject(Object.assign(error, { reusedSocket: request.reusedSocket })));
			request.once("socket", (socket) => socket.setKeepAlive(true, 15_000));
			request.end(call.body);
		});
	}

	private async authenticated(): Promise<Credentials> {
		const { credentials } = this;
		if (credentials && Date.now() - credentials.readAt < CREDENTIALS_MS) return credentials;
		const read: https.RequestOptions = {};
		await this.access.config.applyToHTTPSOptions(read);
		const { agent: provided, headers, ...options } = read;
		const agent =
			credentials && sameTls(credentials.options, options) ? credentials.agent : this.agentFor(provided, options);
		this.credentials = { options, headers: { ...(headers as Headers) }, agent, readAt: Date.now() };
		return this.credentials;
	}

	/** A proxy needs the client's own agent; otherwise one agent keeps all connections. */
	private agentFor(provided: https.RequestOptions["agent"], options: https.RequestOptions): http.Agent {
		const usesProxy = this.access.config.getCurrentCluster()?.proxyUrl;
		if (usesProxy && provided instanceof http.Agent) return provided;
		if (this.access.server.startsWith("http:")) return new http.Agent({ keepAlive: true });
		const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
		return new https.Agent({
			keepAlive: true,
			...(ca && { ca }),
			...(cert && { cert }),
			...(key && { key }),
			...(passphrase && { passphrase }),
			...(servername && { servername }),
			...(rejectUnauthorized === false && { rejectUnauthorized }),
		});
	}
}

function sameTls(left: https.RequestOptions, right: https.RequestOptions): boolean {
	const text = ({ ca, cert, key }: https.RequestOptions) => [ca, cert, key].map(String).join("\n");
	return text(left) === text(right);
}

function isStaleConnection(error: unknown): boolean {
	return (
		error instanceof Error &&
		"reusedSocket" in error &&
		error.reusedSocket === true &&
		"code" in error &&
		(error.code === "ECONNRESET" || error.code === "EPIPE")
	);
}
