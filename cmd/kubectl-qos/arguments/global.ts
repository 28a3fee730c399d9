import { durationOf, type FlagDefinition, type FlagValues } from "./flags.ts";

/** kubectl's own flags, which every command takes: how the API server is reached, and as whom. */
export const GLOBAL_FLAGS: readonly FlagDefinition[] = [
	{
		name: "namespace",
		short: "n",
		kind: "string",
		description: "Namespace; default: the context's",
		completion: "namespaces",
	},
	{ name: "context", kind: "string", description: "Context of the kubeconfig to use", completion: "contexts" },
	{ name: "kubeconfig", kind: "string", description: "Path of the kubeconfig file", completion: "files" },
	{ name: "as", kind: "string", description: "User to impersonate" },
	{ name: "as-group", kind: "list", description: "Group to impersonate; may be repeated" },
	{ name: "as-uid", kind: "string", description: "UID to impersonate" },
	{
		name: "request-timeout",
		kind: "string",
		default: "0",
		description: "Longest wait for one answer (5s, 1m); 0: no limit",
	},
];

/** What the connection flags say. */
export interface ConnectionOptions {
	readonly namespace: string | undefined;
	readonly context: string | undefined;
	readonly kubeconfig: string | undefined;
	readonly impersonate: {
		readonly user: string | undefined;
		readonly groups: readonly string[];
		readonly uid: string | undefined;
	};
	/** ms; absent: no limit. */
	readonly requestTimeout: number | undefined;
}

export function connectionOptions(flags: FlagValues): ConnectionOptions {
	const timeout = durationOf(flags, "request-timeout");
	return {
		namespace: flags.text("namespace"),
		context: flags.text("context"),
		kubeconfig: flags.text("kubeconfig"),
		impersonate: { user: flags.text("as"), groups: flags.list("as-group"), uid: flags.text("as-uid") },
		requestTimeout: timeout === 0 ? undefined : timeout,
	};
}
