import { existsSync, readFileSync } from "node:fs";
import type { FlagValues } from "../arguments/flags.ts";
import { type ConnectionOptions, connectionOptions } from "../arguments/global.ts";
import { usage } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { ApiClient } from "./client.ts";
import { connectionTo } from "./connection.ts";
import { type KubeconfigContext, selectContext } from "./context.ts";
import { kubeconfigFiles, loadKubeconfig } from "./kubeconfig.ts";
import { clusterSchema, userSchema } from "./kubeconfig-schema.ts";

/** A command's way to the cluster. */
export interface Session {
	readonly client: ApiClient;
	/** From `-n`, else the context, else `default`. */
	readonly namespace: string;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Reads the kubeconfig; nothing is asked of the server yet. `patience` as for `connectionTo`.
 * @throws PluginError
 */
export async function openSession(flags: FlagValues, terminal: Terminal, patience?: AbortSignal): Promise<Session> {
	const options = connectionOptions(flags);
	const context = contextOf(options, terminal.environment);
	for (const warning of context.warnings) terminal.note(warning);
	const connection = connectionTo(context, terminal.environment, patience);
	// Credentials are fetched here, so that their problem is told before anything else.
	await connection.access();
	const log = options.verbosity >= 6 ? (line: string) => terminal.note(line) : undefined;
	const { namespace = "default" } = context;
	// Else it would be another path of the server.
	const wrong = ["/", "%"].find((character) => namespace.includes(character));
	if (wrong !== undefined) throw usage(`invalid namespace "${namespace}": [may not contain '${wrong}']`);
	return {
		client: new ApiClient(connection, { timeout: options.requestTimeout, log, bodies: options.verbosity >= 8 }),
		namespace,
	};
}

/** The context in use, by file and flags. @throws PluginError Kubeconfig */
function contextOf(options: ConnectionOptions, environment: Terminal["environment"]): KubeconfigContext {
	const { files, mustExist } = kubeconfigFiles(options.kubeconfig, environment);
	const kubeconfig = loadKubeconfig(files, mustExist);
	const { server, context, cluster, user } = options;
	const isChosen = [server, context, cluster, user].some((choice) => choice !== undefined);
	const isEmpty = kubeconfig.contexts.size === 0 && kubeconfig.clusters.size === 0;
	return (isEmpty && !isChosen && inClusterContext(options, environment)) || selectContext(kubeconfig, options);
}

/** In a pod without a kubeconfig: its service account, as kubectl does. */
function inClusterContext(
	options: ConnectionOptions,
	environment: Terminal["environment"],
): KubeconfigContext | undefined {
	const host = environment["KUBERNETES_SERVICE_HOST"];
	const port = environment["KUBERNETES_SERVICE_PORT"];
	if (!host || !port || !existsSync(`${SERVICE_ACCOUNT}/token`)) return undefined;
	const service = {
		server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
		"certificate-authority": options.certificateAuthority ?? `${SERVICE_ACCOUNT}/ca.crt`,
	};
	const { token, impersonate } = options;
	const account = token === undefined ? { tokenFile: `${SERVICE_ACCOUNT}/token` } : { token };
	const as = { as: impersonate.user, "as-uid": impersonate.uid, "as-groups": [...impersonate.groups] };
	return {
		cluster: clusterSchema.parse(service),
		user: userSchema.parse({ ...account, ...as }),
		clusterName: "in-cluster",
		userName: "service account",
		namespace: options.namespace ?? (environment["POD_NAMESPACE"] || mountedNamespace()),
		warnings: [],
	};
}

/** A volume that somebody projects by hand may hold no more than the token. */
function mountedNamespace(): string | undefined {
	try {
		return readFileSync(`${SERVICE_ACCOUNT}/namespace`, "utf8").trim() || undefined;
	} catch {
		return undefined;
	}
}
