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
