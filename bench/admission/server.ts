import { pino } from "pino";
import { Registry } from "prom-client";
import { issueAuthority, issueLeaf } from "../../certs/issue.ts";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import type { PlacementDecision } from "../../src/core/admission/placement.ts";
import { Placer } from "../../src/core/admission/placer.ts";
import type { AdmissionView } from "../../src/core/admission/view.ts";
import { Ledger } from "../../src/core/features/ledger.ts";
import type { MetricSample } from "../../src/core/metrics/metric.ts";
import { createDecide, rest } from "../../src/webhook/decide.ts";
import type { Decide } from "../../src/webhook/mutate.ts";
import { startWebhook } from "../../src/webhook/server.ts";
import { createWebhookTelemetry } from "../../src/webhook/telemetry.ts";
import { switchingModel } from "../mlflow/switching-model.ts";
import { measurements, NOW, nodeNames, nodes, workloadNames } from "../world.ts";
import { BenchCluster } from "./cluster.ts";
import type { ServerUsage, StartedServer } from "./messages.ts";

/** How long a pod takes from its admission to the caches. */
const BOUND_AFTER_MS = 300;
const PODS_PER_NODE = 6;

const [nodeCount = 5000, workloadCount = 20, stepSeconds = 30] = process.argv.slice(2).map(Number);
/** The yardstick: everything around a decision, and none made. */
const decidesNothing = process.argv[5] === "nothing";
/** With it, the model is one of this MLflow's, and follows its alias. */
const mlflowUrl = process.argv[6];

const ALWAYS: PlacementDecision = {
	kind: "Place",
	topologyKey: "kubernetes.io/hostname",
	domain: "node-0",
	node: "node-0",
	enforcement: "Required",
	record: { node: "node-0", domain: "node-0", predicted: 0.1, policy: "fast", observedAt: "2026-01-01T00:00:00Z" },
};

/** The webhook as the controller composes it, in a process of its own; caches are filled by hand. */
async function main(): Promise<void> {
	const names = nodeNames(nodeCount);
	const apps = workloadNames(workloadCount);
	const metrics = measurements(names, apps);
	const files = await FileModelRegistry.open({ catalogue: metrics });
	const switching =
		mlflowUrl === undefined ? undefined : await switchingModel({ url: mlflowUrl, files, catalogue: metrics });
	const model = switching && { model: switching.selector };
	const cluster = new BenchCluster(nodes(names), apps, { podsPerNode: PODS_PER_NODE, ...model });
	const models = switching?.registry ?? files;
	const ledger = new Ledger();
	const placer = new Placer({ ownNamespace: "kubectl-qos-system" });
	const startedAt = performance.now();
	const now = () => NOW + performance.now() - startedAt;
	let generation = 1;
	const view = (): AdmissionView => ({ cluster, metrics, models, ledger, generation, cachesFresh: true, now: now() });
	await placer.warm(view(), rest);
	switching?.registry.start();

	async function collect(): Promise<void> {
		const at = now();
		const samples: MetricSample[] = names.map((entity) => {
			const usage = metrics.latest("node_cpu_usage", entity, at);
			return { metric: "node_cpu_usage", entity, at, value: usage.known ? usage.value : 1 };
		});
		metrics.ingest(samples, at);
		generation++;
		await placer.warm(view(), rest);
	}
	setInterval(() => void collect(), stepSeconds * 1000);

	const decide: Decide = decidesNothing ? async () => ALWAYS : createDecide({ placer, view });
	const authority = await issueAuthority({ now: Date.now(), seconds: 3600 });
	const webhook = await startWebhook({
		host: "127.0.0.1",
		port: 0,
		certificate: await issueLeaf(authority, ["127.0.0.1"], { now: Date.now(), seconds: 3600 }),
		decide: async (pod, request) => {
			const decision = await decide(pod, request);
			if (decision.kind === "Place" && !decidesNothing) {
				const bound = { uid: `pod-of-${pod.uid}`, node: decision.node, workload: pod.workload };
				setTimeout(() => cluster.add({ ...bound, createdAt: now() }), BOUND_AFTER_MS);
			}
			return decision;
		},
		logger: pino({ level: "info" }, pino.destination("/dev/null")),
		telemetry: createWebhookTelemetry(new Registry()),
	});
	process.on("message", () => {
		const { user, system } = process.cpuUsage();
		const usage: ServerUsage = {
			cpuSeconds: (user + system) / 1e6,
			rssMiB: process.memoryUsage.rss() / 1024 ** 2,
			switches: switching?.switches ?? [],
		};
		process.send?.(usage);
	});
	const started: StartedServer = { port: webhook.port, authority: authority.certificate };
	process.send?.(started);
}

await main();
