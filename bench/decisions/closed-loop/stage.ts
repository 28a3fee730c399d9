import { setTimeout as delay } from "node:timers/promises";
import { Observer } from "../../../demo/observer.ts";
import { parseWorld } from "../../../simulation/read.ts";
import { startWorld } from "../../../simulation/world.ts";
import { type Cluster, startCluster } from "../../../test/cluster/cluster.ts";
import { type Api, connectApi } from "../../../test/e2e/harness/api.ts";
import { type ControllerProcess, startController } from "../../../test/e2e/harness/controller.ts";
import { controllerKubeconfig, install } from "../../../test/e2e/harness/installation.ts";
import { namespace } from "../../../test/e2e/harness/objects.ts";
import { deployments, NAMESPACES, nodeSpecs, policies, TIMES } from "./manifests.ts";
import { COMPRESSION, type Script, worldOf } from "./script.ts";
import { type Placement, TruthTeller } from "./truth.ts";

/** A control plane with a world behind its nodes. */
export interface Stage {
	readonly script: Script;
	readonly cluster: Cluster;
	readonly api: Api;
	readonly observer: Observer;
	/** Seconds on the world's clock now. */
	worldTime(): number;
	/** The script begins now: what the world does from here on, and who can tell the truth about it. */
	begin(): TruthTeller;
	/** Ends when the user has had enough. */
	readonly stopped: AbortSignal;
	/** What to end, the newest first. */
	readonly closing: (() => Promise<unknown>)[];
}

/** Steps of measurements that the controller has of the nodes before the apps come: a full window. */
const HISTORY_STEPS = 12;
const PATIENCE_SECONDS = 60;

export async function setUp(script: Script, { closing, stopped }: Pick<Stage, "closing" | "stopped">): Promise<Stage> {
	const cluster = await startCluster({ containerStartupSeconds: TIMES.startup, scrapeIntervalSeconds: TIMES.step / 2 });
	closing.unshift(() => cluster.stop());
	await cluster.addNodes(nodeSpecs(script));
	const bornAt = Date.now();
	// Until the script begins no neighbour comes.
	const world = await startWorld({ kubeconfig: cluster.kubeconfig, world: worldOf({ ...script, neighbours: [] }, 0) });
	closing.unshift(() => world.stop());
	await cluster.scrape([{ job: "world", address: world.address }]);
	const api = connectApi(cluster);
	closing.unshift(async () => api.close());
	const worldTime = (): number => ((Date.now() - bornAt) / 1000) * COMPRESSION;
	const observer = new Observer(cluster.kubeconfig);
	function begin(): TruthTeller {
		const document = worldOf(script, worldTime());
		world.update({ nodes: document.nodes ?? {} });
		return new TruthTeller(script, parseWorld(document));
	}
	return { script, cluster, api, observer, worldTime, begin, stopped, closing };
}

/** Where the default scheduler puts the apps, by itself. They are gone again afterwards. */
export async function placeByDefault(stage: Stage): Promise<Placement> {
	const { cluster, script } = stage;
	await cluster.kubectl(
		["apply", "-f", "-"],
		[namespace(NAMESPACES.alone, {}), ...deployments(script, NAMESPACES.alone)].join("---\n"),
	);
	const placement = await untilAllServe(stage, NAMESPACES.alone);
	await cluster.kubectl(["delete", "deployments", "--all", "-n", NAMESPACES.alone]);
	await until(stage, "the apps are gone", async () => (await stage.api.list("Pod", NAMESPACES.alone)).length === 0);
	return placement;
}

/** Installs kubectl-qos and lets it see the nodes for a while. Call it once; `controller` starts it again. */
export async function moveIn(stage: Stage): Promise<void> {
	await install(stage.cluster, policies(stage.script));
	stage.observer.start();
	stage.closing.unshift(() => stage.observer.stop());
}

/** Starts the controller under its own ServiceAccount; it is asked by the API server when this resolves. */
export async function startOurs(stage: Stage): Promise<ControllerProcess> {
	const { api, cluster, closing } = stage;
	const controller = await startController({
		name: "controller",
		cluster: { ...cluster, kubeconfig: await controllerKubeconfig(cluster) },
		configuration: { metrics: { step: `${TIMES.step}s` } },
	});
	closing.unshift(() => controller.kill());
	await controller.ready(PATIENCE_SECONDS * 1000);
	const probe = {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name: "probe" },
		spec: { containers: [{ name: "app", image: "example.invalid/app" }] },
	};
	await until(stage, "the API server asks the webhook", async () => {
		await api.create("Pod", NAMESPACES.ours, probe, "dryRun=All");
		return /^kubectl_qos_admission_total\{.*\} [1-9]/m.test(await controller.metrics());
	});
	return controller;
}

/** Deploys the apps where kubectl-qos serves; resolves when all of them are served. */
export async function deployOurs(stage: Stage): Promise<void> {
	await delay(HISTORY_STEPS * TIMES.step * 1000, undefined, { signal: stage.stopped });
	await stage.cluster.kubectl(["apply", "-f", "-"], deployments(stage.script, NAMESPACES.ours).join("---\n"));
	await untilAllServe(stage, NAMESPACES.ours);
}

/** Node of each app that is served, by the API server. */
export function placementNow({ observer, script }: Stage): Placement {
	const placement = new Map<string, string>();
	for (const { name } of script.apps) {
		// During a rollout the newest ready pod speaks for the app.
		const node = observer.nodeOf(`${NAMESPACES.ours}/${name}`);
		if (node !== undefined) placement.set(name, node);
	}
	return placement;
}

async function untilAllServe(stage: Stage, inNamespace: string): Promise<Placement> {
	const placement = new Map<string, string>();
	await until(stage, `all apps in ${inNamespace} serve`, async () => {
		for (const { metadata, spec, status } of await stage.api.list("Pod", inNamespace)) {
			const isReady = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
			const app = metadata.labels?.["app"];
			if (isReady && app !== undefined && spec.nodeName !== undefined) placement.set(app, spec.nodeName);
		}
		return placement.size === stage.script.apps.length;
	});
	return placement;
}

async function until({ stopped }: Stage, what: string, isSo: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + PATIENCE_SECONDS * 1000;
	while (!(await isSo())) {
		if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_SECONDS} s: ${what}`);
		await delay(200, undefined, { signal: stopped });
	}
}
