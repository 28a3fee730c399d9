import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { ApiError } from "../../src/adapters/kubernetes/errors.ts";
import type { Log } from "../../src/adapters/kubernetes/log.ts";
import { resourcePath } from "../../src/api/v1alpha1/group.ts";
import { newMigration } from "../../src/api/v1alpha1/migration.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../cluster/cluster.ts";

export const MANIFESTS = join(import.meta.dirname, "../../manifests");
export const CONTROLLER_NAMESPACE = "kubectl-qos-system";

/** A real control plane with the manifests of the local overlay installed. */
export async function startInstalled(options: ClusterOptions = {}): Promise<Cluster> {
	const cluster = await startCluster({ prometheus: false, nodes: 2, ...options });
	await cluster.kubectl(["apply", "-k", join(MANIFESTS, "overlays/local")]);
	await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
	return cluster;
}

/** Resolves when QoSMigrations can be created: the API server learns of new kinds for policies every five seconds. */
export async function migrationsServed(cluster: Cluster): Promise<void> {
	const admin = asAdmin(cluster);
	const body = newMigration({ workload: "default/any", reason: "Forced" });
	const request = {
		method: "POST",
		path: resourcePath("QoSMigration", "default"),
		query: { dryRun: "All" },
		body,
	} as const;
	await eventually(async () => {
		const error: unknown = await admin.request(request).catch((error: unknown) => error);
		return error instanceof ApiError ? undefined : true;
	}, 15);
	admin.close();
}

export function asAdmin(cluster: Cluster): KubernetesConnection {
	return KubernetesConnection.open({ files: [cluster.kubeconfig] });
}

/** Path of a kubeconfig like the admin's, as somebody else. */
export async function kubeconfigAs(cluster: Cluster, name: string, user: object): Promise<string> {
	const config = parse(await readFile(cluster.kubeconfig, "utf8")) as { users: { user: object }[] };
	for (const entry of config.users) entry.user = user;
	const file = join(cluster.dir, `${name}.kubeconfig`);
	writeFileSync(file, stringify(config), { mode: 0o600 });
	return file;
}

/** As the controller's ServiceAccount: it may do what the manifests grant and nothing more. */
export async function asController(cluster: Cluster): Promise<KubernetesConnection> {
	const token = await cluster.kubectl(["create", "token", "kubectl-qos-controller", "-n", CONTROLLER_NAMESPACE]);
	return KubernetesConnection.open({ files: [await kubeconfigAs(cluster, "controller", { token: token.trim() })] });
}

/** Answers what `look` returns as soon as it is not undefined; fails when it has not come in time. */
export async function eventually<T>(look: () => T | undefined | Promise<T | undefined>, seconds = 30): Promise<T> {
	const deadline = performance.now() + seconds * 1000;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (performance.now() > deadline) throw new Error(`not so within ${seconds} s: ${look.toString()}`);
		await sleep(50);
	}
}

/** Keeps what is logged. */
export class RecordingLog implements Log {
	readonly lines: string[] = [];

	info(fields: object, message: string): void {
		this.lines.push(`${message} ${JSON.stringify(fields)}`);
	}

	warn(fields: object, message: string): void {
		this.info(fields, message);
	}
}
