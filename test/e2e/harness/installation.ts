import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Cluster } from "../../cluster/cluster.ts";

export const CONTROLLER_NAMESPACE = "kubectl-qos-system";

const OVERLAY = join(import.meta.dirname, "../../../manifests/overlays/local");
const SERVICE_ACCOUNT = "kubectl-qos-controller";

/** Installs kubectl-qos but for the controller itself, and then what the story adds. */
export async function install(cluster: Pick<Cluster, "kubectl">, documents: readonly string[]): Promise<void> {
	await cluster.kubectl(["apply", "-k", OVERLAY]);
	await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
	await cluster.kubectl(["apply", "-f", "-"], documents.join("---\n"));
}

/** A kubeconfig of the controller's ServiceAccount: it may do what manifests/ grants, and nothing more. */
export async function controllerKubeconfig(cluster: Pick<Cluster, "kubectl" | "kubeconfig" | "dir">): Promise<string> {
	const token = await cluster.kubectl(["create", "token", SERVICE_ACCOUNT, "-n", CONTROLLER_NAMESPACE]);
	const config = parse(await readFile(cluster.kubeconfig, "utf8")) as { users: { user: object }[] };
	for (const user of config.users) user.user = { token: token.trim() };
	const file = join(cluster.dir, "controller.kubeconfig");
	await writeFile(file, stringify(config), { mode: 0o600 });
	return file;
}
