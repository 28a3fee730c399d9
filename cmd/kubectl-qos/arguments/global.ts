import { usage } from "../errors.ts";
import { type FlagDefinition, type FlagValues, parseTimeout } from "./flags.ts";

/** kubectl's own flags, which every command takes: how the API server is reached, and as whom. */
export const GLOBAL_FLAGS: readonly FlagDefinition[] = [
	{
		name: "namespace",
		short: "n",
		kind: "string",
		description: "If present, the namespace scope for this request; default: the context's",
		completion: "namespaces",
	},
	{ name: "context", kind: "string", description: "The kubeconfig context to use", completion: "contexts" },
	{ name: "cluster", kind: "string", description: "The kubeconfig cluster to use", completion: "clusters" },
	{ name: "user", kind: "string", description: "The kubeconfig user to use", completion: "users" },
	{ name: "kubeconfig", kind: "string", description: "Path to the kubeconfig file", completion: "files" },
	{ name: "as", kind: "string", description: "User to impersonate for the operation" },
	{ name: "as-group", kind: "list", description: "Group to impersonate; may be repeated" },
	{ name: "as-uid", kind: "string", description: "UID to impersonate for the operation" },
	{ name: "token", kind: "string", description: "Bearer token for authentication to the API server" },
	{ name: "server", short: "s", kind: "string", description: "The address and port of the Kubernetes API server" },
	{
		name: "certificate-authority",
		kind: "string",
		description: "Path to a certificate file of the authority that signed the API server's",
		completion: "files",
	},
	{ name: "client-certificate", kind: "string", description: "Path to a client certificate", completion: "files" },
	{ name: "client-key", kind: "string", description: "Path to the client certificate's key", completion: "files" },
	{
		name: "tls-server-name",
		kind: "string",
		description: "Server name to use for server certificate validation; default: the address that is contacted",
	},
	{
		name: "insecure-skip-tls-verify",
		kind: "boolean",
		description: "Do not check the server's certificate: this makes your HTTPS connections insecure",
	},
	{
		name: "request-timeout",
		kind: "string",
		default: "30s",
		description: "Longest wait for one answer of the server (5s, 1m); 0: no limit",
	},
	{
		name: "cache-dir",
		kind: "string",
		description: "Taken for kubectl's sake: the plugin asks for no discovery, so it caches none",
		completion: "files",
	},
	{ name: "v", short: "v", kind: "string", default: "0", description: "Log level: 6 shows requests, 8 their bodies" },
];

/** What the global flags say; absent: the kubeconfig decides. */
export interface ConnectionOptions {
	readonly namespace: string | undefined;
	readonly context: string | undefined;
	readonly cluster: string | undefined;
	readonly user: string | undefined;
	readonly kubeconfig: string | undefined;
	readonly impersonate: {
		readonly user: string | undefined;
		readonly groups: readonly string[];
		readonly uid: string | undefined;
	};
	readonly token: string | undefined;
	readonly server: string | undefined;
	readonly certificateAuthority: string | undefined;
	readonly clientCertificate: string | undefined;
	readonly clientKey: string | undefined;
	readonly tlsServerName: string | undefined;
	readonly insecure: boolean;
	/** ms; absent: no limit. */
	readonly requestTimeout: number | undefined;
	readonly verbosity: number;
}

/** @throws PluginError Usage */
export function connectionOptions(flags: FlagValues): ConnectionOptions {
	return {
		namespace: flags.text("namespace"),
		context: flags.text("context"),
		cluster: flags.text("cluster"),
		user: flags.text("user"),
		kubeconfig: flags.text("kubeconfig"),
		impersonate: { user: flags.text("as"), groups: flags.list("as-group"), uid: flags.text("as-uid") },
		token: flags.text("token"),
		server: flags.text("server"),
		certificateAuthority: flags.text("certificate-authority"),
		clientCertificate: flags.text("client-certificate"),
		clientKey: flags.text("client-key"),
		tlsServerName: flags.text("tls-server-name"),
		insecure: flags.isSet("insecure-skip-tls-verify"),
		requestTimeout: requestTimeoutOf(flags.text("request-timeout") ?? "0"),
		verbosity: verbosityOf(flags.text("v") ?? "0"),
	};
}

function verbosityOf(text: string): number {
	if (/^\d+$/.test(text)) return Number(text);
	throw usage(`invalid argument "${text}" for "-v, --v" flag: strconv.ParseInt: parsing "${text}": invalid syntax`);
}

function requestTimeoutOf(text: string): number | undefined {
	const timeout = parseTimeout(text);
	if (timeout !== undefined) return timeout === 0 ? undefined : timeout;
	throw usage(
		"Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
	);
}
