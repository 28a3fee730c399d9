import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runTool } from "../scripts/run-part.ts";
import { type Cluster, startCluster } from "../test/cluster/cluster.ts";
import { controllerKubeconfig, install } from "../test/e2e/harness/installation.ts";
import { deployment, namespace, policy } from "../test/e2e/harness/objects.ts";
import { unpack } from "../test/image/archive.ts";
import { lacksForContainers } from "../test/image/container.ts";
import { type Installed, startReady, type Way } from "./controller/process.ts";

const NAMESPACE = "bench";
const DEFAULTS = { nodes: "50", apps: "20", seconds: "120", rounds: "3" };

/** The controller as it is shipped: size of the image, start, memory and CPU where nothing happens. */
export async function run(args: readonly string[]): Promise<void> {
	const lacks = lacksForContainers();
	if (lacks !== undefined) throw new Error(`a container of the image ${lacks}`);
	const options = Object.fromEntries(
		Object.entries(DEFAULTS).map(([name, fallback]) => [name, { type: "string", default: fallback }] as const),
	);
	const values = parseArgs({ args: [...args], options }).values as typeof DEFAULTS;
	const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-bench-"));
	try {
		const archive = join(folder, "image.tar");
		const { output, code } = await runTool("node", ["scripts/image.ts", "--output", archive], "captured");
		console.log(output.trim());
		if (code !== 0) throw new Error("npm run image failed");
		const cluster = await startCluster({ nodes: Number(values.nodes), scrapeIntervalSeconds: 5 });
		try {
			await install(cluster, inhabitants(Number(values.apps)));
			await measureNodes(cluster, Number(values.nodes), async () => {
				const { dir, prometheusUrl } = cluster;
				const kubeconfig = await controllerKubeconfig(cluster);
				const installed = { image: unpack(archive, folder), dir, kubeconfig, prometheusUrl };
				await measureStart(installed, Number(values.rounds));
				await measureRest(installed, Number(values.seconds));
			});
		} finally {
			await cluster.stop();
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Apps that a policy governs, with five pods each. */
function inhabitants(apps: number): readonly string[] {
	const names = Array.from({ length: apps }, (_, index) => `app-${index + 1}`);
	return [
		namespace(NAMESPACE),
		policy(NAMESPACE, { mode: "Initial" }),
		...names.map((name) => deployment({ namespace: NAMESPACE, name, replicas: 5, cpu: "100m" })),
	];
}

/** Has Prometheus measure the nodes for as long as the work takes. */
async function measureNodes(cluster: Cluster, nodes: number, work: () => Promise<void>): Promise<void> {
	const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
	const exporter = fork(fileURLToPath(new URL("admission/exporter.ts", import.meta.url)), names);
	try {
		const [port] = (await once(exporter, "message")) as [number];
		await cluster.scrape([{ job: "nodes", address: `127.0.0.1:${port}` }]);
		await work();
	} finally {
		exporter.kill();
	}
}

/** In turns; the very first start, which issues the certificates, counts for nobody. */
async function measureStart(installed: Installed, rounds: number): Promise<void> {
	const first = await startReady("container", installed);
	await first.stop();
	console.log(`first start, certificates issued: ready after ${first.readyMs.toFixed(0)} ms`);
	const measured: Record<Way, number[]> = { container: [], source: [] };
	for (let round = 0; round < rounds; round += 1) {
		for (const way of ["source", "container"] as const) {
			const controller = await startReady(way, installed);
			measured[way].push(controller.readyMs);
			await controller.stop();
		}
	}
	const median = (way: Way) => measured[way].toSorted((left, right) => left - right)[Math.floor(rounds / 2)] ?? NaN;
	const ratio = median("container") / median("source");
	console.log(
		`start until ready: median ${median("container").toFixed(0)} ms, ${ratio.toFixed(2)} x of ${median("source").toFixed(0)} ms from source`,
	);
}

async function measureRest(installed: Installed, seconds: number): Promise<void> {
	for (const way of ["container", "source"] as const) {
		const controller = await startReady(way, installed);
		const settling = Math.min(60, seconds);
		await sleep(settling * 1000);
		const before = controller.usage();
		await sleep(seconds * 1000);
		const after = controller.usage();
		await controller.stop();
		const share = (after.cpuSeconds - before.cpuSeconds) / seconds;
		console.log(
			`${way}, ${settling} s after the start, over ${seconds} s: ${(share * 100).toFixed(1)} % of one core, RSS ${after.residentMiB.toFixed(0)} MiB, ${after.anonymousMiB.toFixed(0)} of it heap and the like`,
		);
	}
}
