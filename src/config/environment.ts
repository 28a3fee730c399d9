import { randomBytes } from "node:crypto";
import { homedir, hostname } from "node:os";
import { delimiter, join } from "node:path";

/** The only reader of environment variables. */

/**
 * Kubeconfig files to read, as kubectl finds them: the flag, else `KUBECONFIG`, else `~/.kube/config`.
 * `undefined` means the pod's ServiceAccount, taken inside a cluster when neither flag nor variable is set.
 */
export function kubeconfigFiles(flag: string | undefined): readonly string[] | undefined {
	if (flag !== undefined) return [flag];
	const listed = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
	if (listed.length > 0) return listed;
	if (process.env["KUBERNETES_SERVICE_HOST"] !== undefined) return undefined;
	return [join(homedir(), ".kube", "config")];
}

/** A name for this process that no other bears, for the Lease: the pod's host name with a random suffix. */
export function processIdentity(): string {
	return `${hostname()}_${randomBytes(4).toString("hex")}`;
}

/** What MLflow's own clients are told by the environment; what is empty is not set. */
export interface MlflowEnvironment {
	readonly trackingUri: string | undefined;
	readonly username: string | undefined;
	readonly password: string | undefined;
	readonly token: string | undefined;
	readonly insecureTls: string | undefined;
	readonly serverCertPath: string | undefined;
	readonly clientCertPath: string | undefined;
}

export function mlflowEnvironment(environment: NodeJS.ProcessEnv = process.env): MlflowEnvironment {
	const value = (name: string) => environment[`MLFLOW_TRACKING_${name}`] || undefined;
	return {
		trackingUri: value("URI"),
		username: value("USERNAME"),
		password: value("PASSWORD"),
		token: value("TOKEN"),
		insecureTls: value("INSECURE_TLS"),
		serverCertPath: value("SERVER_CERT_PATH"),
		clientCertPath: value("CLIENT_CERT_PATH"),
	};
}

/** This project's folder in the user's cache, as the XDG base directories have it. */
export function cacheHome(environment: NodeJS.ProcessEnv = process.env): string {
	return join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubectl-qos");
}
