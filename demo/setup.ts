import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { startWorld, type World } from "../simulation/world.ts";
import { type Cluster, exitMessage, startCluster } from "../test/cluster/cluster.ts";
import { type ControllerProcess, startController } from "../test/e2e/harness/controller.ts";
import { machineTable, nodeSpecs } from "./machines.ts";
import { Observer } from "./observer.ts";
import { type Stage, secondsInto, type Telling } from "./stage.ts";
import { step } from "./steps.ts";

const HERE = import.meta.dirname;
const CONTROLLER_NAMESPACE = "kubectl-qos-system";
const SERVICE_ACCOUNT = "kubectl-qos-controller";

/** Builds the stage: a control plane, twelve nodes with a world behind them, and kubectl-qos installed. */
export async function setUp(telling: Telling): Promise<Stage> {
	const cluster = await startControlPlane(telling);
	const world = await startMachines(telling, cluster);
	const controller = await install(telling, cluster);
	const observer = new Observer(cluster.kubeconfig);
	observer.start();
	telling.closing.unshift(() => observer.stop());
	return { ...telling, cluster, world, controller, observer, marks: [] };
}

async function startControlPlane(telling: Telling): Promise<Cluster> {
	const { narrator, stopped } = telling;
	narrator.chapter("A real control plane");
	const before = secondsInto(telling);
	const cluster = await step({ name: "the control plane starts", timeoutSeconds: 120, stopped }, async () => {
		const started = await startCluster({
			dir: join(telling.dir, "cluster"),
			containerStartupSeconds: 2,
			scrapeIntervalSeconds: 1,
			onExit: (exit) => narrator.failed(exitMessage(exit)),
		});
		telling.closing.unshift(() => started.stop());
		return started;
	});
	const seconds = (secondsInto(telling) - before).toFixed(1);
	narrator.done(
		`etcd, kube-apiserver, controller-manager, scheduler and Prometheus run on this machine, started in ${seconds} s.`,
	);
	return cluster;
}

async function startMachines(telling: Telling, cluster: Cluster): Promise<World> {
	const { narrator, stopped } = telling;
	const limits = { name: "nodes and their telemetry", timeoutSeconds: 60, stopped };
	const world = await step(limits, async () => {
		await cluster.addNodes(nodeSpecs());
		const started = await startWorld({ kubeconfig: cluster.kubeconfig, file: join(HERE, "world.yaml") });
		telling.closing.unshift(() => started.stop());
		await cluster.scrape([{ job: "world", address: started.address }]);
		return started;
	});
	narrator.done("Six nodes are Ready, in the cloud and at the edge:");
	narrator.table(machineTable());
	narrator.done(
		"Each has a twin that is alike in everything, for comparison: one half of the nodes will be served by kubectl-qos, the other by the default scheduler alone, with the same apps, load and mishaps at the same time.",
	);
	narrator.say(
		"The kubelets and the work of the apps are simulated: latency follows from who shares a node, and Prometheus scrapes it once a second. Minutes of a real cluster are seconds here.",
	);
	return world;
}

async function install(telling: Telling, cluster: Cluster): Promise<ControllerProcess> {
	const { narrator, stopped } = telling;
	narrator.chapter("kubectl-qos moves in");
	await step({ name: "the manifests are applied", timeoutSeconds: 60, stopped }, async () => {
		await cluster.kubectl(["apply", "-k", join(HERE, "../manifests/overlays/local")]);
		await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
		for (const file of ["jobs", "namespaces", "policies"]) {
			await cluster.kubectl(["apply", "-f", join(HERE, `manifests/${file}.yaml`)]);
		}
	});
	narrator.done("Four CRDs, RBAC and the webhook's configuration are installed from manifests/.");
	const controller = await step({ name: "the controller is ready", timeoutSeconds: 60, stopped }, async () => {
		const kubeconfig = await serviceAccountKubeconfig(telling, cluster);
		const started = await startController({
			name: "controller",
			cluster: { ...cluster, kubeconfig },
			configuration: { rebalancing: { progressInterval: "500ms", releaseGrace: "2s" } },
		});
		telling.closing.unshift(() => started.stop());
		telling.pids.set("controller", started.pid);
		await started.ready(55_000);
		return started;
	});
	narrator.done(
		"The controller runs under its own ServiceAccount; certificate, caches and model are ready, and the webhook answers.",
	);
	return controller;
}

/** A kubeconfig of the controller's ServiceAccount: it may do what manifests/ grants, and nothing more. */
async function serviceAccountKubeconfig(telling: Telling, cluster: Cluster): Promise<string> {
	const token = await cluster.kubectl(["create", "token", SERVICE_ACCOUNT, "-n", CONTROLLER_NAMESPACE]);
	const kubeconfig = parse(await readFile(cluster.kubeconfig, "utf8")) as { users: { user: object }[] };
	for (const user of kubeconfig.users) user.user = { token: token.trim() };
	const file = join(telling.dir, "controller.kubeconfig");
	await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
	return file;
}
