import { afterAll, afterEach, beforeAll } from "vitest";
import { startWorld, type World } from "../../../simulation/world.ts";
import { API_VERSION } from "../../../src/api/v1alpha1/group.ts";
import { type Cluster, type ClusterOptions, type NodeSpec, startCluster } from "../../cluster/cluster.ts";
import { freePorts } from "../../cluster/ports.ts";
import { type Api, connectApi } from "./api.ts";
import { type ControllerOptions, type ControllerProcess, startController } from "./controller.ts";
import { type Exporters, startExporters } from "./exporters.ts";
import { controllerKubeconfig, install } from "./installation.ts";
import { tellingLines } from "./log.ts";
import { parseMetrics, sumOf } from "./metrics-text.ts";
import { job, namespace } from "./objects.ts";
import { type Run, runPlugin } from "./plugin.ts";
import { startService } from "./service.ts";
import { waitUntil } from "./wait-until.ts";

const PROBE_NAMESPACE = "stage-probe";
/** A busy machine takes half a minute to start one process. */
const START_TIMEOUT_MS = 90_000;

type WorldDescription = NonNullable<Parameters<typeof startWorld>[0]["world"]>;

export interface StageOptions {
	readonly nodes: readonly NodeSpec[];
	/** What happens on the nodes; noise is small unless it says otherwise. */
	readonly world: WorldDescription;
	/** Replicas of the controller; with more than one they are reached through one address. Default 1. */
	readonly controllers?: number;
	/** Merged over the harness's fast configuration, per top-level section. */
	readonly configuration?: ControllerOptions["configuration"];
	/** Applied before the controller starts. Default: Predict and Rebalance every second. */
	readonly manifests?: readonly string[];
	readonly cluster?: Pick<ClusterOptions, "apiServerFlags" | "containerStartupSeconds" | "nodeGraceSeconds">;
}

/** A control plane with a world behind its nodes and kubectl-qos at work. Usable from the first test on. */
export interface Stage {
	readonly cluster: Cluster;
	readonly api: Api;
	readonly world: World;
	readonly exporters: Exporters;
	/** The newest process of each replica. */
	readonly controllers: readonly ControllerProcess[];
	/** `kubectl apply` of YAML documents. */
	apply(...documents: readonly string[]): Promise<void>;
	/** See `waitUntil`. */
	readonly waitUntil: typeof waitUntil;
	/** Runs `kubectl qos ARGS` as a user would. */
	qos(...args: readonly string[]): Promise<Run>;
	/** Sum of a controller metric over the replicas that answer. */
	metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
	/** A new process in the place of a replica that has ended, on the same webhook port; resolves when it is ready. */
	restart(index?: number): Promise<ControllerProcess>;
}

/** Two jobs in the controller's own namespace, so that everything is looked at every second. */
const FAST_JOBS = [
	job("predict", { action: "Predict", interval: "1s" }),
	job("rebalance", { action: "Rebalance", interval: "1s" }),
];

/**
 * Prepares a stage for the tests of a file: it is started before them and ended after them, whatever
 * happened in between. The controllers' last log lines are printed when a test fails.
 */
export function useStage(options: StageOptions): Stage {
	const stage = new StageProcesses(options);
	beforeAll(() => stage.start());
	afterAll(() => stage.stop());
	afterEach(({ task }) => {
		if (task.result?.state === "fail") stage.showLogs();
	});
	return stage;
}

class StageProcesses implements Stage {
	readonly waitUntil = waitUntil;
	readonly controllers: ControllerProcess[] = [];
	private readonly options: StageOptions;
	/** What to end, the newest first. */
	private readonly closing: (() => Promise<unknown>)[] = [];
	private stopped = false;
	private parts: { cluster: Cluster; api: Api; world: World; exporters: Exporters } | undefined;
	/** How each replica is started. */
	private replicas: readonly ControllerOptions[] = [];

	constructor(options: StageOptions) {
		this.options = options;
	}

	get cluster(): Cluster {
		return this.started().cluster;
	}

	get api(): Api {
		return this.started().api;
	}

	get world(): World {
		return this.started().world;
	}

	get exporters(): Exporters {
		return this.started().exporters;
	}

	async start(): Promise<void> {
		try {
			await this.startParts();
			await this.startControllers();
			await Promise.all([this.untilMeasured(), this.untilAsked(), this.untilMigrationsAreJudged()]);
		} catch (error) {
			this.showLogs();
			throw error;
		}
	}

	async stop(): Promise<void> {
		this.stopped = true;
		for (const end of this.closing) await end().catch((error: unknown) => console.error("stage:", error));
	}

	showLogs(): void {
		for (const { name, logFile } of this.controllers) console.error(`last lines of ${name}:\n${tellingLines(logFile)}`);
	}

	async apply(...documents: readonly string[]): Promise<void> {
		await this.cluster.kubectl(["apply", "-f", "-"], documents.join("---\n"));
	}

	qos(...args: readonly string[]): Promise<Run> {
		return runPlugin(this.cluster, args);
	}

	async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
		const pages = await Promise.all(this.controllers.map((controller) => controller.metrics().catch(() => "")));
		return pages.reduce((sum, page) => sum + sumOf(parseMetrics(page), name, labels), 0);
	}

	async restart(index = 0): Promise<ControllerProcess> {
		const controller = await this.launch(index);
		await controller.ready(START_TIMEOUT_MS);
		return controller;
	}

	private started() {
		if (!this.parts) throw new Error("the stage is usable within tests only");
		return this.parts;
	}

	private async startParts(): Promise<void> {
		const cluster = await startCluster(this.options.cluster);
		await this.endWith(() => cluster.stop());
		const documents = [namespace(PROBE_NAMESPACE), ...(this.options.manifests ?? FAST_JOBS)];
		const installed = install(cluster, documents);
		// Awaited below; must not be reported as unhandled when the nodes fail first.
		installed.catch(() => undefined);
		await cluster.addNodes(this.options.nodes);
		const world = await startWorld({
			kubeconfig: cluster.kubeconfig,
			world: { noise: { latency: 0.02, load: 0 }, ...this.options.world },
		});
		await this.endWith(() => world.stop());
		const exporters = await startExporters(world.address);
		await this.endWith(() => exporters.stop());
		await cluster.scrape([{ job: "world", address: exporters.address }]);
		await installed;
		const api = connectApi(cluster);
		this.parts = { cluster, api, world, exporters };
		await this.endWith(async () => api.close());
	}

	private async startControllers(): Promise<void> {
		const { controllers: count = 1, configuration } = this.options;
		const ports = await freePorts(count);
		const cluster = { ...this.cluster, kubeconfig: await controllerKubeconfig(this.cluster) };
		let webhook = { ...configuration?.["webhook"] };
		if (count > 1) {
			const service = await startService(ports);
			await this.endWith(() => service.stop());
			webhook = { url: `https://127.0.0.1:${service.port}/mutate`, ...webhook };
		}
		this.replicas = ports.map((webhookPort, index) => ({
			name: `controller-${index + 1}`,
			cluster,
			webhookPort,
			configuration: { ...configuration, webhook },
		}));
		await Promise.all(ports.map((_, index) => this.launch(index)));
		await Promise.all(this.controllers.map((controller) => controller.ready(START_TIMEOUT_MS)));
	}

	private async launch(index: number): Promise<ControllerProcess> {
		const controller = await startController(this.replicas[index] as ControllerOptions);
		this.controllers[index] = controller;
		await this.endWith(() => controller.kill());
		return controller;
	}

	/** Every node's load is in the controller's buffers. */
	private async untilMeasured(): Promise<void> {
		await this.waitUntil("node metrics reach the controllers", async () => {
			for (const controller of this.controllers) {
				const samples = parseMetrics(await controller.metrics());
				const age = samples.find(
					({ name, labels }) => name === "kubectl_qos_data_age_seconds" && labels["metric"] === "node_cpu_usage",
				);
				if (age === undefined || age.value > 3) throw new Error(`age in ${controller.name}: ${age?.value} s`);
			}
			return true;
		});
	}

	/** The API server has noticed the webhook's configuration. */
	private async untilAsked(): Promise<void> {
		const pod = {
			apiVersion: "v1",
			kind: "Pod",
			metadata: { name: "probe" },
			spec: { containers: [{ name: "app", image: "example.invalid/app" }] },
		};
		await this.waitUntil("the API server asks the webhook", async () => {
			await this.api.create("Pod", PROBE_NAMESPACE, pod, "dryRun=All");
			return (await this.metric("kubectl_qos_admission_total")) > 0 ? true : undefined;
		});
	}

	/** The API server learns every five seconds of new kinds that admission policies change; creating one fails until then. */
	private async untilMigrationsAreJudged(): Promise<void> {
		await this.waitUntil("the API server judges QoSMigrations", async () => {
			const probe = { apiVersion: API_VERSION, kind: "QoSMigration", metadata: { name: "probe" } };
			const answer = await this.api
				.create("QoSMigration", PROBE_NAMESPACE, { ...probe, spec: { workload: "none" } }, "dryRun=All")
				.then(() => "", String);
			if (answer.includes("There can be a delay")) throw new Error(answer);
			return true;
		});
	}

	/** Registers an end; at once when the stage was stopped while it still started. */
	private async endWith(end: () => Promise<unknown>): Promise<void> {
		if (this.stopped) await end();
		else this.closing.unshift(end);
	}
}
