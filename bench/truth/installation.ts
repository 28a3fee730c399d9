import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_CATALOGUE } from "../../src/config/default-catalogue.ts";
import { freePorts } from "../../test/cluster/ports.ts";
import type { Api } from "../../test/e2e/harness/api.ts";
import { startController } from "../../test/e2e/harness/controller.ts";
import { controllerKubeconfig, install } from "../../test/e2e/harness/installation.ts";
import type { Stage } from "./events.ts";
import { NAMESPACES, policies, TIMES } from "./manifests.ts";
import type { Script } from "./script.ts";

const PATIENCE_SECONDS = 60;

/** What cAdvisor tells is a few seconds old and comes every other second: with steps this short, look back further. */
const CATALOGUE = Object.fromEntries(
	DEFAULT_CATALOGUE.filter(({ query }) => query.includes("container_cpu_usage_seconds_total")).map(
		({ name, query, ...metric }) => [
			name,
			{ ...metric, query: query.replaceAll("$window", "12s").replaceAll("$step", "9s") },
		],
	),
);

/** Installs kubectl-qos; resolves when the API server asks its webhook. */
export async function startOurs(
	{ cluster, api, closing, stopped }: Stage & { readonly api: Api },
	script: Script,
	{ mode, decisions }: { readonly mode: "Initial" | "Auto"; readonly decisions: string },
): Promise<void> {
	await install(cluster, [policies(script, mode)]);
	const [port = 0] = await freePorts(1);
	const host = cluster.hostAddress;
	const controller = await startController({
		name: "controller",
		webhookPort: port,
		cluster: { ...cluster, kubeconfig: await controllerKubeconfig(cluster) },
		configuration: {
			webhook: { host, port, url: `https://${host}:${port}/mutate`, drain: "0s" },
			decisionLog: { path: decisions },
			metrics: { step: `${TIMES.step}s`, catalogue: CATALOGUE },
		},
	});
	closing.unshift(() => controller.kill());
	await controller.ready(PATIENCE_SECONDS * 1000);
	const probe = {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name: "asks-the-webhook" },
		spec: { containers: [{ name: "app", image: "example.invalid/app" }] },
	};
	const deadline = Date.now() + PATIENCE_SECONDS * 1000;
	for (;;) {
		await api.create("Pod", NAMESPACES.apps, probe, "dryRun=All");
		if (/^kubectl_qos_admission_total\{.*\} [1-9]/m.test(await controller.metrics())) return;
		if (Date.now() > deadline) throw new Error(`the API server does not ask the webhook after ${PATIENCE_SECONDS} s`);
		await delay(300, undefined, { signal: stopped });
	}
}
