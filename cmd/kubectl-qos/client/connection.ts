import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { badKubeconfig } from "../errors.ts";
import type { KubeconfigContext } from "./context.ts";
import { type ExecCredential, runCredentialPlugin } from "./credential-plugin.ts";
import { type Headers, impersonation } from "./impersonation.ts";
import type { KubeconfigUser } from "./kubeconfig-schema.ts";
import { tlsOptions, unreadable } from "./tls.ts";
import { confirmUsable } from "./validation.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a request needs beside its path. */
export interface Access {
	/** One agent for all requests: a TLS handshake costs more than a request. */
	readonly agent: HttpAgent;
	readonly headers: Headers;
}

/** How one API server is reached, as whom. */
export interface Connection {
	readonly server: URL;
	/** Current credentials; runs a credential plugin when there are none yet or they have expired. @throws PluginError */
	access(): Promise<Access>;
	/** Gets new credentials after a 401; `false` when there are no others. @throws PluginError */
	renew(): Promise<boolean>;
	/** Lets the process end. */
	close(): void;
}

/** kubectl's address when nobody gave one. */
const DEFAULT_SERVER = "http://localhost:8080";
/** A handshake takes longer than most answers, and of two, one may be a watch that does not end. */
const SOCKETS = 2;
/** A token file is read again as often as kubectl does: tokens of pods rotate. ms. */
const TOKEN_FILE_AGE = 60_000;
/** Credentials are renewed this long before they expire, so that none expires on its way. ms. */
const EXPIRY_MARGIN = 10_000;

/**
 * Opens nothing yet and asks nobody. `patience`: when it fires, a credential plugin is waited for no longer.
 * @throws PluginError Kubeconfig
 */
export function connectionTo(context: KubeconfigContext, environment: Environment, patience?: AbortSignal): Connection {
	confirmUsable(context);
	return new KubeconfigConnection(context, environment, patience);
}

class KubeconfigConnection implements Connection {
	readonly server: URL;
	readonly #context: KubeconfigContext;
	readonly #environment: Environment;
	readonly #patience: AbortSignal | undefined;
	#access: Access | undefined;
	#validUntil = Number.NEGATIVE_INFINITY;

	constructor(context: KubeconfigContext, environment: Environment, patience: AbortSignal | undefined) {
		this.#context = context;
		this.server = serverOf(context, environment);
		this.#environment = environment;
		this.#patience = patience;
	}

	async access(): Promise<Access> {
		if (this.#access && Date.now() < this.#validUntil) return this.#access;
		const { user } = this.#context;
		const secure = this.server.protocol === "https:";
		const credential = secure && usesPlugin(user) ? await this.#askPlugin() : undefined;
		const headers = { ...impersonation(user), ...(secure && authorization(user, credential)) };
		const isSameAgent = this.#access && !credential?.certificate;
		const agent = isSameAgent && this.#access ? this.#access.agent : await this.#agent(credential);
		this.#validUntil = validUntil(user, credential);
		return (this.#access = { agent, headers });
	}

	async renew(): Promise<boolean> {
		if (!usesPlugin(this.#context.user)) return false;
		this.#validUntil = Number.NEGATIVE_INFINITY;
		await this.access();
		return true;
	}

	close(): void {
		this.#access?.agent.destroy();
	}

	async #askPlugin(): Promise<ExecCredential | undefined> {
		const { user, cluster } = this.#context;
		if (!user.exec) return undefined;
		return runCredentialPlugin(user.exec, { ...cluster, server: this.server.href }, this.#patience);
	}

	async #agent(credential: ExecCredential | undefined): Promise<HttpAgent> {
		const { cluster } = this.#context;
		const proxy = cluster["proxy-url"];
		const options = { keepAlive: true, maxSockets: SOCKETS, ...proxyOptions(proxy, this.server, this.#environment) };
		if (this.server.protocol === "http:") return new HttpAgent(options);
		const tls = tlsOptions(this.#context, credential);
		if (proxy?.startsWith("socks5")) return socksAgent(proxy, this.server, { ...tls, keepAlive: true });
		return new HttpsAgent({ ...options, ...tls });
	}
}

/** The kubeconfig's own token, basic credentials or certificate win over its plugin, as for kubectl. */
function usesPlugin(user: KubeconfigUser): boolean {
	const own = user.token ?? user.tokenFile ?? user.username ?? user["client-certificate"];
	return !!user.exec && (own ?? user["client-certificate-data"]) === undefined;
}

function validUntil(user: KubeconfigUser, credential: ExecCredential | undefined): number {
	if (credential) return credential.expiresAt - EXPIRY_MARGIN;
	return user.tokenFile === undefined ? Number.POSITIVE_INFINITY : Date.now() + TOKEN_FILE_AGE;
}

function serverOf({ cluster }: KubeconfigContext, environment: Environment): URL {
	const text = cluster.server ?? (environment["KUBERNETES_MASTER"] || DEFAULT_SERVER);
	// Without a scheme it is plain HTTP for kubectl, whatever certificates are named.
	const url = URL.parse(text.includes("://") ? text : `http://${text}`);
	if (url && ["http:", "https:"].includes(url.protocol)) return url;
	throw badKubeconfig(`kubeconfig: cluster server "${text}" is not an http or https URL`);
}

function authorization(user: KubeconfigUser, credential: ExecCredential | undefined): Headers {
	const token = tokenOf(user) ?? credential?.token;
	if (token !== undefined) return { Authorization: `Bearer ${token}` };
	if (user.username === undefined && user.password === undefined) return {};
	const basic = Buffer.from(`${user.username ?? ""}:${user.password ?? ""}`).toString("base64");
	return { Authorization: `Basic ${basic}` };
}

/** The file's token, which may rotate, is the better one of two; an unreadable file is no reason to go anonymous. */
function tokenOf({ token, tokenFile }: KubeconfigUser): string | undefined {
	if (tokenFile === undefined) return token;
	try {
		const text = readFileSync(tokenFile, "utf8").trim();
		if (text !== "") return text;
	} catch (error) {
		if (token === undefined) throw unreadable(tokenFile, error);
	}
	if (token === undefined) throw badKubeconfig(`kubeconfig: tokenFile ${tokenFile} is empty`);
	return token;
}

/** proxy-url, else HTTPS_PROXY and NO_PROXY as Go reads them: never for this machine itself. */
function proxyOptions(proxy: string | undefined, server: URL, environment: Environment): AgentOptions {
	if (proxy !== undefined) {
		return proxy.startsWith("socks5") ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
	}
	const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(server.hostname);
	return isLocal ? {} : { proxyEnv: { ...environment } };
}

async function socksAgent(proxy: string, server: URL, options: AgentOptions): Promise<HttpAgent> {
	const { SocksProxyAgent } = await import("socks-proxy-agent");
	const host = options.servername ?? server.hostname.replace(/^\[(.*)\]$/, "$1");
	// The agent tells TLS no address, and then TLS would look for "localhost" in the certificate.
	const secured: ConnectionOptions = {
		...options,
		checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
	};
	return new SocksProxyAgent(proxy, secured);
}
