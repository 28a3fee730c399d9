import { mkdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ControlPlane, prepareControlPlane } from "../cluster/control-plane.ts";
import { prepareDirectory, writeKubeconfig } from "../cluster/directory.ts";
import { waitForNode, waitUntilOpen } from "../cluster/nodes.ts";
import { locateAll, locateMachinePrograms } from "../cluster/programs/programs.ts";
import { reloadPrometheus, writePrometheusConfig } from "../cluster/prometheus.ts";
import { createCgroups, killPodProcesses, limitPods, ownCgroupName } from "./cgroups.ts";
import { superviseEnclosed } from "./enclosure.ts";
import { exporterCommand } from "./exporter/command.ts";
import { type KubeletClient, writeKubeletClient } from "./kubelet-client.ts";
import {
	cutPower,
	importInto,
	kubeletKubeconfig,
	type Machine,
	programName,
	startKubelet,
	switchOn,
} from "./machine.ts";
import { PAUSE_IMAGE, writeMachineFiles } from "./machine-files.ts";
import { checkFolder, checkSpecs, checkSpeed, DEFAULT_NODES, machinesOf, type Token } from "./machines.ts";
import { chooseNetwork, type Network } from "./network.ts";
import { writeProgramImage } from "./program-image.ts";
import { createPrometheusAccount, EXPORTER_PORT, writeScraping } from "./prometheus.ts";
import { type Equipment, surveyComputer } from "./requirements.ts";
import type { RealCluster, RealClusterOptions } from "./types.ts";

const ATTEMPTS = 3;
/** All in a network of their own, so that none of them is taken. The API server has that of its Service. */
const PORTS = { etcd: 2379, etcdPeer: 2380, apiServer: 443, prometheus: 9090 };
const GRACE_SECONDS = 12;

/** A cluster that is being started or runs. */
interface Context {
	readonly options: RealClusterOptions;
	readonly network: Network;
	readonly machines: readonly Machine[];
	readonly tokens: readonly Token[];
	readonly pauseImage: string;
	readonly control: ControlPlane;
}

/**
 * Starts a control plane and machines that run real containers, and resolves when pods can be created. All of it ends
 * with `stop`, or with this process, and leaves nothing on the computer. Rejects with what the computer lacks, or with
 * the last log lines of the program that failed.
 */
export async function startRealCluster(options: RealClusterOptions = {}): Promise<RealCluster> {
	const survey = await surveyComputer();
	if ("lacks" in survey) throw new Error(`this computer cannot hold real nodes: ${survey.lacks.join("; ")}`);
	checkSpecs(options.nodes ?? DEFAULT_NODES, survey.equipment.cpus.length);
	checkFolder(resolve(options.dir ?? tmpdir()));
	for (let attempt = 1; ; attempt += 1) {
		const context = await prepare(options, survey.equipment);
		try {
			await start(context);
			return clusterOf(context);
		} catch (error) {
			await context.control.offered.stop();
			// Between choosing a network and making its link another process may have taken it.
			if (attempt === ATTEMPTS || !/File exists/.test(String(error))) throw error;
		}
	}
}

async function prepare(options: RealClusterOptions, equipment: Equipment): Promise<Context> {
	const programs = { servers: locateAll(), machines: locateMachinePrograms() };
	const dir = await prepareDirectory(options.dir === undefined ? undefined : resolve(options.dir));
	const network = await chooseNetwork();
	const cgroups = { trees: equipment.trees, name: await ownCgroupName() };
	const nodeGraceSeconds = options.nodeGraceSeconds ?? GRACE_SECONDS;
	const client = await writeKubeletClient(dir);
	const { machines, tokens } = machinesOf(options.nodes ?? DEFAULT_NODES, {
		dir,
		network,
		cgroups,
		equipment,
		nodeGraceSeconds,
		programs: programs.machines,
		clientAuthority: client.certificate,
	});
	await mkdir(join(dir, "machines"));
	for (const machine of machines) await writeMachineFiles(machine);
	const pauseImage = join(dir, "pause.tar");
	const pause = { reference: PAUSE_IMAGE, name: "pause", program: programs.machines.pause, user: 65535 };
	await writeProgramImage(pauseImage, pause);
	await writePrometheusConfig(dir, 1, []);
	await createCgroups(cgroups);
	const isTemporary = options.dir === undefined;
	const control = await prepareControlPlane({
		dir,
		isTemporary,
		programs: programs.servers,
		layout: {
			address: network.servers,
			ports: PORTS,
			nodeGraceSeconds,
			apiServerFlags: [...apiServerFlags(network, client), ...(options.apiServerFlags ?? [])],
			controllerManagerFlags: options.controllerManagerFlags ?? [],
		},
		others: ["prometheus"],
		tokens: tokens.map(({ token, node }) => `${token},system:node:${node},${node},system:nodes`),
		supervise: ({ onExit }) => superviseEnclosed({ dir, isTemporary, network, cgroups, onExit }),
		onExit: options.onExit,
	});
	return { options, network, machines, tokens, pauseImage, control };
}

function apiServerFlags({ servers }: Network, client: KubeletClient): readonly string[] {
	return [
		// Also at the address of the Service "kubernetes", which pods use.
		"--bind-address=0.0.0.0",
		`--advertise-address=${servers}`,
		// Beside RBAC: what a kubelet may see depends on the pods of its node.
		"--authorization-mode=Node",
		"--allow-privileged=true",
		// No kube-proxy: webhooks by Service are called at the addresses of their pods.
		"--enable-aggregator-routing=true",
		"--kubelet-preferred-address-types=InternalIP",
		`--kubelet-client-certificate=${client.certificate}`,
		`--kubelet-client-key=${client.key}`,
	];
}

async function start({ options, network, machines, tokens, pauseImage, control }: Context): Promise<void> {
	const { supervision, offered, api } = control;
	const machinesUp = Promise.all(
		machines.map(async (machine) => {
			await switchOn(machine, supervision, control.waitUntil);
			for (const archive of [pauseImage, ...(options.images ?? [])]) await importInto(machine, supervision, archive);
		}),
	);
	supervision.start(
		"node-exporter",
		exporterCommand(machines, { dir: offered.dir, address: network.servers, port: EXPORTER_PORT }),
	);
	await Promise.all([control.start(), machinesUp]);
	const certificateAuthority = await readFile(join(offered.dir, "certs", "apiserver.crt"));
	for (const machine of machines) {
		const token = tokens.find(({ node }) => node === machine.name)?.token ?? "";
		const credentials = { server: offered.apiServerUrl, user: machine.name, token, certificateAuthority };
		await writeKubeconfig(kubeletKubeconfig(machine), credentials);
		startKubelet(machine, supervision);
	}
	const names = machines.map(({ name }) => name);
	await Promise.all([startScraping({ options, network, machines, control }), waitUntilOpen(api, names)]);
	control.open();
}

async function startScraping({
	options,
	network,
	machines,
	control,
}: Pick<Context, "options" | "network" | "machines" | "control">): Promise<void> {
	const { dir, apiServerUrl, prometheusUrl } = control.offered;
	const exporterAddress = `${network.servers}:${EXPORTER_PORT}`;
	const interval = options.scrapeIntervalSeconds ?? 1;
	const token = await createPrometheusAccount(control.api);
	await writeScraping({ dir, apiServerUrl, exporterAddress, machines, interval }, token);
	await reloadPrometheus(prometheusUrl);
}

function clusterOf({ machines, network, control }: Context): RealCluster {
	const { api, supervision, offered } = control;
	function machineCalled(name: string): Machine {
		const machine = machines.find((candidate) => candidate.name === name);
		if (machine === undefined) {
			throw new Error(`no node ${name}: there are ${machines.map((candidate) => candidate.name).join(", ")}`);
		}
		return machine;
	}
	return {
		...offered,
		hostAddress: network.host,
		nodes: machines,
		async importImage(archive) {
			const file = resolve(archive);
			await Promise.all(machines.map((machine) => importInto(machine, supervision, file)));
		},
		async setSpeed(node, speed) {
			const machine = machineCalled(node);
			checkSpeed(node, speed);
			await limitPods(machine.cgroups, node, speed);
			machine.speed = speed;
		},
		async killPod(node, uid) {
			const killed = await killPodProcesses(machineCalled(node).cgroups, node, uid);
			if (killed === 0) throw new Error(`pod ${uid} has no processes on ${node}`);
		},
		async killKubelet(node) {
			await supervision.kill(programName("kubelet", machineCalled(node)));
			await waitForNode(api, node, "NotReady");
		},
		async killMachine(node) {
			await cutPower(machineCalled(node), supervision);
			await waitForNode(api, node, "NotReady");
		},
		async revive(node) {
			const machine = machineCalled(node);
			if (!supervision.isRunning(programName("machine", machine))) {
				await switchOn(machine, supervision, control.waitUntil);
			}
			if (!supervision.isRunning(programName("kubelet", machine))) startKubelet(machine, supervision);
			await waitForNode(api, node, "Ready");
		},
	};
}
