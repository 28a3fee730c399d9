import { readFileSync } from "node:fs";
import type { FlagValues } from "../arguments/flags.ts";
import { type ConnectionOptions, connectionOptions } from "../arguments/global.ts";
import type { Terminal } from "../terminal.ts";
import { ApiClient } from "./client.ts";
import { connectionTo } from "./connection.ts";
import { type KubeconfigContext, kubeconfigFiles, loadKubeconfig, selectContext } from "./kubeconfig.ts";

/** A command's way to the cluster. */
export interface Session {
	readonly client: ApiClient;
	/** From `-n`, else the context, else `default`. */
	readonly namespace: string;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Reads the kubeconfig and gets credentials; nothing is asked of the server yet. @throws PluginError */
export async function openSession(flags: FlagValues, terminal: Terminal): Promise<Session> {
	const options = connectionOptions(flags);
	const context = contextOf(options, terminal.environment);
	const connection = await connectionTo(context, options.impersonate);
	return {
		client: new ApiClient(connection, options.requestTimeout),
		namespace: options.namespace ?? context.namespace ?? "default",
	};
}

function contextOf(options: ConnectionOptions, environment: Terminal["environment"]): KubeconfigContext {
	const { files, mustExist } = kubeconfigFiles(options.kubeconfig, environment);
	const kubeconfig = loadKubeconfig(files, mustExist);
	const isEmpty = kubeconfig.contexts.size === 0 && options.context === undefined;
	return (isEmpty && inClusterContext(environment)) || selectContext(kubeconfig, options.context);
}

/** In a pod without a kubeconfig: its service account, as kubectl does. */
function inClusterContext(environment: Terminal["environment"]): KubeconfigContext | undefined {
	const host = environment["KUBERNETES_SERVICE_HOST"];
	const port = environment["KUBERNETES_SERVICE_PORT"];
	if (host === undefined || port === undefined) return undefined;
	let namespace: string;
	try {
		namespace = readFileSync(`${SERVICE_ACCOUNT}/namespace`, "utf8").trim();
	} catch {
		return undefined;
	}
	return {
		cluster: {
			server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
			"certificate-authority": `${SERVICE_ACCOUNT}/ca.crt`,
			"insecure-skip-tls-verify": false,
		},
		user: { tokenFile: `${SERVICE_ACCOUNT}/token` },
		namespace,
	};
}
