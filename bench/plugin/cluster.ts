import { join } from "node:path";
import { ROOT } from "../../scripts/run-part.ts";
import { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { resourcePath } from "../../src/api/v1alpha1/group.ts";
import type { QoSReportStatus } from "../../src/api/v1alpha1/report.ts";
import type { Cluster } from "../../test/cluster/cluster.ts";

const AT_ONCE = 8;

/** Deployments with reports as a controller writes them: `small` in one namespace, `apps` x `nodes` in another. */
export async function fill(
	cluster: Cluster,
	{ small, apps, nodes }: { readonly small: number; readonly apps: number; readonly nodes: number },
): Promise<void> {
	await cluster.kubectl(["apply", "-f", join(ROOT, "manifests/base/crds")]);
	await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
	const connection = KubernetesConnection.open({ files: [cluster.kubeconfig] });
	const work: (() => Promise<void>)[] = [];
	for (const [namespace, count, listed] of [
		["small", small, 20],
		["large", apps, nodes],
	] as const) {
		await cluster.kubectl(["create", "namespace", namespace]);
		await create(connection, resourcePath("QoSPolicy", namespace), policy(namespace));
		for (let app = 0; app < count; app += 1) work.push(() => addApp(connection, namespace, `app-${app}`, listed));
	}
	const next = work.values();
	await Promise.all(
		Array.from({ length: AT_ONCE }, async () => {
			for (const task of next) await task();
		}),
	);
	connection.close();
}

async function create(connection: KubernetesConnection, path: string, body: object): Promise<void> {
	await connection.request({ method: "POST", path, body });
}

async function addApp(connection: KubernetesConnection, namespace: string, name: string, nodes: number): Promise<void> {
	const labels = { app: name };
	await create(connection, `/apis/apps/v1/namespaces/${namespace}/deployments`, {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { namespace, name, labels },
		spec: {
			replicas: 0,
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app" }] } },
		},
	});
	const path = resourcePath("QoSReport", namespace);
	await create(connection, path, {
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSReport",
		metadata: { namespace, name },
	});
	await connection.request({
		method: "PATCH",
		path: `${path}/${name}/status`,
		contentType: "application/merge-patch+json",
		body: { status: statusOf(nodes) },
	});
}

function policy(namespace: string): object {
	return {
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSPolicy",
		metadata: { namespace, name: "all" },
		spec: {
			workloadSelector: {},
			mode: "Auto",
			objective: { metric: "latency", direction: "Minimize", target: "50m" },
		},
	};
}

function statusOf(nodes: number): QoSReportStatus {
	return {
		observedAt: new Date().toISOString(),
		policy: "all",
		objective: { metric: "latency", unit: "seconds", direction: "Minimize", target: 0.05 },
		modelRef: { name: "headroom", version: "1", sha256: "0".repeat(64) },
		current: { node: "node-0", measured: 0.048, predicted: { value: 0.041, lower: 0.036, upper: 0.047 } },
		decision: { action: "Stay", reason: "BestAlready", message: "it runs in the best place" },
		nodes: Array.from({ length: nodes }, (_, node) => ({
			name: `node-${node}`,
			feasible: true,
			predicted: { value: 0.041 + node * 0.0001, lower: 0.036 + node * 0.0001, upper: 0.047 + node * 0.0001 },
			rank: node + 1,
		})),
		nodesTotal: nodes,
	};
}
