import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Cluster, startCluster } from "../../test/cluster/cluster.ts";
import { type Api, connectApi } from "../../test/e2e/harness/api.ts";
import { type ControllerProcess, startController } from "../../test/e2e/harness/controller.ts";
import { controllerKubeconfig, install } from "../../test/e2e/harness/installation.ts";
import { parseMetrics, sumOf } from "../../test/e2e/harness/metrics-text.ts";
import { deployment, namespace, policy } from "../../test/e2e/harness/objects.ts";
import { benchPod } from "./pod.ts";

export const NAMESPACE = "bench";

const WEBHOOK_CONFIGURATION = "kubectl-qos";
const WEBHOOK = { name: "placement.kubectl-qos.dev" };
const STEP = "10s";
const PATIENCE_SECONDS = 60;

/** A real control plane with nodes that are measured; kubectl-qos comes and goes. */
export interface AdmissionStage {
	readonly cluster: Cluster;
	readonly api: Api;
	/** Installs kubectl-qos and resolves when the API server asks it. */
	admit(): Promise<ControllerProcess>;
	/** Nobody is asked any more. */
	withdraw(controller: ControllerProcess): Promise<void>;
	/** Removes the pods of a run. */
	clear(): Promise<void>;
	/** What the API server says of the webhook so far. */
	asked(): Promise<WebhookCounters>;
	stop(): Promise<void>;
}

export interface WebhookCounters {
	readonly seconds: number;
	readonly calls: number;
	/** Calls answered within 5 ms, the histogram's least bucket. */
	readonly fast: number;
	readonly failedOpen: number;
}

export async function startStage(options: { nodes: number; deployments: readonly string[] }): Promise<AdmissionStage> {
	const cluster = await startCluster({
		nodes: options.nodes,
		scrapeIntervalSeconds: 5,
		// The pods are created by the benchmark in the name of ReplicaSets: nobody else may add or remove any.
		controllerManagerFlags: ["--controllers=*,-replicaset-controller,-garbage-collector-controller"],
	});
	const names = Array.from({ length: options.nodes }, (_, index) => `node-${index + 1}`);
	const exporter = fork(fileURLToPath(new URL("exporter.ts", import.meta.url)), names);
	const [port] = (await once(exporter, "message")) as [number];
	await cluster.scrape([{ job: "nodes", address: `127.0.0.1:${port}` }]);
	const api = connectApi(cluster);
	await install(cluster, [
		namespace(NAMESPACE),
		policy(NAMESPACE, { mode: "Initial" }),
		...options.deployments.map((name) => deployment({ namespace: NAMESPACE, name, replicas: 1000, cpu: "100m" })),
	]);
	await api.remove("MutatingWebhookConfiguration", "", WEBHOOK_CONFIGURATION);
	const kubeconfig = await controllerKubeconfig(cluster);

	async function asked(): Promise<WebhookCounters> {
		const samples = parseMetrics(await api.text("/metrics"));
		const histogram = "apiserver_admission_webhook_admission_duration_seconds";
		return {
			seconds: sumOf(samples, `${histogram}_sum`, WEBHOOK),
			calls: sumOf(samples, `${histogram}_count`, WEBHOOK),
			fast: sumOf(samples, `${histogram}_bucket`, { ...WEBHOOK, le: "0.005" }),
			failedOpen: sumOf(samples, "apiserver_admission_webhook_fail_open_count", WEBHOOK),
		};
	}

	return {
		cluster,
		api,
		asked,
		async admit() {
			await install(cluster, [namespace(NAMESPACE)]);
			const controller = await startController({
				name: "controller",
				cluster: { ...cluster, kubeconfig },
				configuration: {
					metrics: { step: STEP },
					certificates: { checkInterval: "30s" },
					leaderElection: { leaseDuration: "15s", renewDeadline: "10s", retryPeriod: "2s" },
					rebalancing: { progressInterval: "2s", releaseGrace: "10s" },
				},
			});
			await controller.ready(60_000);
			await untilPlaced(api, options.deployments[0] ?? "");
			return controller;
		},
		async withdraw(controller) {
			await controller.stop();
			await api.remove("MutatingWebhookConfiguration", "", WEBHOOK_CONFIGURATION);
		},
		async clear() {
			await cluster.kubectl(["delete", "--raw", `/api/v1/namespaces/${NAMESPACE}/pods?gracePeriodSeconds=0`]);
			while ((await api.list("Pod", NAMESPACE)).length > 0) await sleep(500);
		},
		async stop() {
			api.close();
			exporter.kill();
			await cluster.stop();
		},
	};
}

/** The API server takes a moment to notice a webhook, and the controller to have measured and cached everything. */
async function untilPlaced(api: Api, deployment: string): Promise<void> {
	for (let tries = 0; tries < PATIENCE_SECONDS; tries++) {
		const pod = await api.create("Pod", NAMESPACE, benchPod(deployment), "dryRun=All");
		if (isPlaced(pod)) return;
		await sleep(1000);
	}
	throw new Error(`no pod was placed within ${PATIENCE_SECONDS} s`);
}

export function isPlaced({ metadata }: { metadata: { annotations?: Readonly<Record<string, string>> } }): boolean {
	return metadata.annotations?.["kubectl-qos.dev/placement"] !== undefined;
}
