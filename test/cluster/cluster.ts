import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ControlPlane, prepareControlPlane } from "./control-plane.ts";
import { prepareDirectory } from "./directory.ts";
import { addNodes, setKubelet } from "./nodes.ts";
import { freePorts } from "./ports.ts";
import { locateAll } from "./programs/programs.ts";
import { reloadPrometheus, writePrometheusConfig } from "./prometheus.ts";
import { kwokStages } from "./stages.ts";
import { superviseIn } from "./supervision/supervision.ts";
import type { Cluster, ClusterOptions } from "./types.ts";

export { exitMessage } from "./control-plane.ts";
export type { Cluster, ClusterOptions, NodeSpec, ProgramExit } from "./types.ts";

const ADDRESS = "127.0.0.1";
const ATTEMPTS = 3;

/**
 * Starts a control plane of real programs on free loopback ports and resolves when it is usable. It ends with
 * `stop`, or with this process. Rejects with the last log lines of the program that failed.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
	for (let attempt = 1; ; attempt += 1) {
		const control = await prepare(options);
		try {
			await control.start();
			const count = options.nodes ?? 0;
			if (count > 0) await addNodes(control.api, numberedNodes(count));
			control.open();
			return clusterOf(control, options);
		} catch (error) {
			await control.offered.stop();
			// Between choosing a port and binding it another process may have taken it.
			if (attempt === ATTEMPTS || !/address already in use/.test(String(error))) throw error;
		}
	}
}

async function prepare(options: ClusterOptions): Promise<ControlPlane> {
	const programs = locateAll();
	const dir = await prepareDirectory(options.dir);
	await writeConfigurations(dir, options);
	const [etcd = 0, etcdPeer = 0, apiServer = 0, prometheus = 0] = await freePorts(4);
	const nodes = options.nodes ?? 0;
	return prepareControlPlane({
		dir,
		isTemporary: options.dir === undefined,
		programs,
		layout: {
			address: ADDRESS,
			ports: { etcd, etcdPeer, apiServer, prometheus },
			// Short, so that a dead node is noticed in seconds; many nodes would spend it all on renewing leases.
			nodeGraceSeconds: options.nodeGraceSeconds ?? (nodes > 50 ? 50 : 8),
			apiServerFlags: options.apiServerFlags ?? [],
			controllerManagerFlags: options.controllerManagerFlags ?? [],
		},
		others: options.prometheus === false ? ["kwok"] : ["kwok", "prometheus"],
		schedulerExtenders: options.schedulerExtenders,
		supervise: superviseIn,
		onExit: options.onExit,
	});
}

async function writeConfigurations(dir: string, options: ClusterOptions): Promise<void> {
	const stages = kwokStages({
		startupSeconds: options.containerStartupSeconds ?? 0,
		stopSeconds: options.containerStopSeconds ?? 0,
	});
	await writeFile(join(dir, "kwok-stages.yaml"), stages);
	await writePrometheusConfig(dir, options.scrapeIntervalSeconds ?? 1, options.scrape ?? []);
}

function numberedNodes(count: number): { name: string }[] {
	return Array.from({ length: count }, (_, index) => ({ name: `node-${index + 1}` }));
}

function clusterOf({ api, layout, offered }: ControlPlane, options: ClusterOptions): Cluster {
	return {
		...offered,
		addNodes: (specs) => addNodes(api, specs),
		kill: (name) => setKubelet(api, name, "stopped"),
		revive: (name) => setKubelet(api, name, "running"),
		async scrape(targets) {
			await writePrometheusConfig(layout.dir, options.scrapeIntervalSeconds ?? 1, targets);
			await reloadPrometheus(offered.prometheusUrl);
		},
	};
}
