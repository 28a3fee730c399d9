import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { runTool } from "../../scripts/run-part.ts";
import { type Finished, run } from "../cluster/programs/run.ts";
import { CONTROLLER_NAMESPACE } from "../e2e/harness/installation.ts";
import type { RealCluster } from "./types.ts";

const BASE = join(import.meta.dirname, "../../manifests/base");
const PLUGIN = join(import.meta.dirname, "../../cmd/kubectl-qos/main.ts");
/** The Deployment of the manifests. */
export const CONTROLLER = "kubectl-qos-controller";
const PATIENCE = "90s";

/** Makes the image of the controller as an OCI archive, under the name that the manifests ask for. */
export async function makeImage(archive: string): Promise<void> {
	const { code, output } = await runTool("node", ["scripts/image.ts", "--output", archive], "captured");
	if (code !== 0) throw new Error(`the controller's image could not be made: ${output.trim()}`);
}

/** `kubectl qos ...` as the cluster's administrator. Never rejects. */
export function runPlugin({ kubeconfig }: Pick<RealCluster, "kubeconfig">, args: readonly string[]): Promise<Finished> {
	return run(process.execPath, [PLUGIN, ...args], { env: { ...process.env, KUBECONFIG: kubeconfig } });
}

/** What an install may have of its own. */
export interface OverlayOptions {
	/** Default: as many as the manifests say. */
	readonly replicas?: number;
	/** Sections of the controller's configuration; Prometheus' address is known. */
	readonly configuration?: Readonly<Record<string, object>>;
	/** Merged into the spec of the controller's pods, strategically. */
	readonly podSpec?: object;
}

/**
 * Installs the controller as a user does who has settings of their own: an overlay of `manifests/base`, applied by
 * kubectl. Its image must be on the nodes. Resolves when all replicas are available and `kubectl qos check` finds
 * nothing amiss; rejects with what it finds.
 */
export async function installOverlay(cluster: RealCluster, options: OverlayOptions = {}): Promise<void> {
	const folder = join(cluster.dir, "overlay");
	await mkdir(folder, { recursive: true });
	const prometheus = { url: cluster.prometheusUrl, ...options.configuration?.["prometheus"] };
	const configuration = { ...options.configuration, prometheus };
	await writeFile(join(folder, "config.yaml"), stringify(configuration));
	await writeFile(join(folder, "kustomization.yaml"), stringify(kustomization(relative(folder, BASE), options)));
	await cluster.kubectl(["apply", "-k", folder]);
	await cluster.kubectl([
		"rollout",
		"status",
		`deployment/${CONTROLLER}`,
		`--namespace=${CONTROLLER_NAMESPACE}`,
		`--timeout=${PATIENCE}`,
	]);
	const { code, stdout, stderr } = await runPlugin(cluster, ["check", "--wait", PATIENCE]);
	if (code !== 0) throw new Error(`the installed controller is not as it should be:\n${stdout}${stderr}`);
}

function kustomization(base: string, { replicas, podSpec }: OverlayOptions): object {
	const pods = {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: CONTROLLER, namespace: CONTROLLER_NAMESPACE },
		spec: { template: { spec: podSpec } },
	};
	return {
		apiVersion: "kustomize.config.k8s.io/v1beta1",
		kind: "Kustomization",
		resources: [base],
		configMapGenerator: [
			{
				name: "kubectl-qos-config",
				namespace: CONTROLLER_NAMESPACE,
				behavior: "replace",
				files: ["config.yaml"],
			},
		],
		...(replicas !== undefined && { replicas: [{ name: CONTROLLER, count: replicas }] }),
		...(podSpec !== undefined && { patches: [{ patch: stringify(pods) }] }),
	};
}
