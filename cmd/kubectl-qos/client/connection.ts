import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, type RequestOptions } from "node:https";
import type { ConnectionOptions } from "../arguments/global.ts";
import { badKubeconfig } from "../errors.ts";
import type { KubeconfigContext, KubeconfigUser } from "./kubeconfig.ts";

/** How one API server is reached, as whom. */
export interface Connection {
	readonly server: URL;
	/** One agent for all requests: a TLS handshake costs more than a request. */
	readonly agent: HttpAgent;
	readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

type Headers = Record<string, string | readonly string[]>;

/** Opens nothing yet, but runs a credential plugin when the user has one. @throws PluginError Kubeconfig */
export async function connectionTo(
	context: KubeconfigContext,
	impersonate: ConnectionOptions["impersonate"],
): Promise<Connection> {
	const server = serverOf(context);
	const { user, cluster } = context;
	const needsPlugin = user.exec ?? user["auth-provider"] ?? cluster["proxy-url"];
	const { agent, headers } = needsPlugin ? await pluginAccess(context) : staticAccess(context, server);
	return { server, agent, headers: { ...headers, ...impersonation(impersonated(user, impersonate)) } };
}

function serverOf({ cluster }: KubeconfigContext): URL {
	const text = cluster.server === "" ? "http://localhost:8080" : cluster.server;
	const url = URL.parse(text.includes("://") ? text : `https://${text}`);
	if (url && ["http:", "https:"].includes(url.protocol)) return url;
	throw badKubeconfig(`kubeconfig: cluster server "${text}" is not an http or https URL`);
}

function staticAccess(context: KubeconfigContext, server: URL): { agent: HttpAgent; headers: Headers } {
	const { user } = context;
	const headers: Headers = {};
	const token = user.tokenFile === undefined ? user.token : readCredential(user.tokenFile, "tokenFile").trim();
	if (token) headers["Authorization"] = `Bearer ${token}`;
	else if (user.username) {
		headers["Authorization"] = `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}`;
	}
	const options = { keepAlive: true, ...environmentProxy(server) };
	if (server.protocol === "http:") return { agent: new HttpAgent(options), headers };
	return { agent: new HttpsAgent({ ...options, ...tlsOptions(context) }), headers };
}

/** HTTPS_PROXY and NO_PROXY as Go reads them: never for this machine itself. */
function environmentProxy(server: URL): AgentOptions {
	const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/.test(server.hostname);
	return isLocal ? {} : { proxyEnv: process.env };
}

function tlsOptions({ cluster, user }: KubeconfigContext): AgentOptions {
	const ca = material(cluster["certificate-authority-data"], cluster["certificate-authority"], "certificate-authority");
	const cert = material(user["client-certificate-data"], user["client-certificate"], "client-certificate");
	const key = material(user["client-key-data"], user["client-key"], "client-key");
	return {
		...(ca !== undefined && { ca }),
		...(cert !== undefined && { cert }),
		...(key !== undefined && { key }),
		...(cluster["insecure-skip-tls-verify"] && { rejectUnauthorized: false }),
		...(cluster["tls-server-name"] && { servername: cluster["tls-server-name"] }),
	};
}

function material(data: string | undefined, file: string | undefined, what: string): string | Buffer | undefined {
	if (data) return Buffer.from(data, "base64");
	return file === undefined ? undefined : readCredential(file, what);
}

function readCredential(file: string, what: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
		throw badKubeconfig(`kubeconfig: ${what} ${file} cannot be read (${code})`);
	}
}

/** Credential plugins, OIDC and proxies: client-node knows how, and takes 0.4 s to load. */
async function pluginAccess({ cluster, user }: KubeconfigContext): Promise<{ agent: HttpAgent; headers: Headers }> {
	const { KubeConfig } = await import("@kubernetes/client-node");
	const config = new KubeConfig();
	const caData = cluster["certificate-authority-data"];
	config.loadFromOptions({
		clusters: [
			{
				name: "c",
				server: cluster.server,
				...(caData ? { caData } : { caFile: cluster["certificate-authority"] }),
				skipTLSVerify: cluster["insecure-skip-tls-verify"],
				tlsServerName: cluster["tls-server-name"],
				proxyUrl: cluster["proxy-url"],
			},
		],
		users: [{ name: "u", ...clientNodeUser(user) }],
		contexts: [{ name: "x", cluster: "c", user: "u" }],
		currentContext: "x",
	});
	const options: RequestOptions = { headers: {} };
	try {
		await config.applyToHTTPSOptions(options);
	} catch (error) {
		throw badKubeconfig(`getting credentials: ${credentialProblem(error, user)}`);
	}
	const headers: Headers = {};
	for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
	if (options.auth) headers["Authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
	if (!(options.agent instanceof HttpAgent)) throw badKubeconfig("kubeconfig: proxy-url cannot be used");
	return { agent: options.agent, headers };
}

function clientNodeUser(user: KubeconfigUser): Record<string, unknown> {
	const { exec } = user;
	const cert = user["client-certificate-data"];
	const key = user["client-key-data"];
	return {
		...(cert ? { certData: cert } : { certFile: user["client-certificate"] }),
		...(key ? { keyData: key } : { keyFile: user["client-key"] }),
		token: user.tokenFile === undefined ? user.token : readCredential(user.tokenFile, "tokenFile").trim(),
		username: user.username,
		password: user.password,
		authProvider: user["auth-provider"] ?? null,
		exec: exec && { ...exec, args: exec.args ?? [], env: [...(exec.env ?? []), executionInfo(exec.apiVersion)] },
	};
}

/** Many credential plugins refuse to run without it. */
function executionInfo(apiVersion: string | undefined): { name: string; value: string } {
	const value = {
		apiVersion: apiVersion ?? "client.authentication.k8s.io/v1",
		kind: "ExecCredential",
		spec: { interactive: false },
	};
	return { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(value) };
}

function credentialProblem(error: unknown, user: KubeconfigUser): string {
	const message = error instanceof Error ? error.message.trim().replaceAll(/\s+/g, " ") : String(error);
	if (!user.exec) return message;
	const hint = user.exec.installHint?.trim().replaceAll(/\s+/g, " ");
	return `exec: ${user.exec.command}: ${message}${hint ? `; ${hint}` : ""}`;
}

interface Identity {
	readonly user: string | undefined;
	readonly groups: readonly string[];
	readonly uid: string | undefined;
	readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The flags win over the kubeconfig, as a whole. */
function impersonated(user: KubeconfigUser, flags: ConnectionOptions["impersonate"]): Identity {
	if (flags.user !== undefined || flags.groups.length > 0 || flags.uid !== undefined) return { ...flags, extra: {} };
	return {
		user: user.as || undefined,
		groups: user["as-groups"] ?? [],
		uid: user["as-uid"] || undefined,
		extra: user["as-user-extra"] ?? {},
	};
}

function impersonation({ user, groups, uid, extra }: Identity): Headers {
	if (user === undefined && (groups.length > 0 || uid !== undefined || Object.keys(extra).length > 0)) {
		throw badKubeconfig("requesting uid, groups or user-extra without impersonating a user; give the user with --as");
	}
	const headers: Headers = {};
	if (user !== undefined) headers["Impersonate-User"] = user;
	if (groups.length > 0) headers["Impersonate-Group"] = groups;
	if (uid !== undefined) headers["Impersonate-Uid"] = uid;
	for (const [key, values] of Object.entries(extra)) headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = values;
	return headers;
}
