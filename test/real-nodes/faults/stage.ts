import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_CATALOGUE } from "../../../src/config/default-catalogue.ts";
import { type Api, connectApi } from "../../e2e/harness/api.ts";
import { waitUntil } from "../../e2e/harness/wait-until.ts";
import { livePods, placementOf, runsOn, type View } from "../../e2e/harness/workloads.ts";
import { startRealCluster } from "../cluster.ts";
import { installOverlay, makeImage } from "../installed.ts";
import type { RealCluster } from "../types.ts";
import { writeImage } from "../workloads/image.ts";
import { buildWorkload } from "../workloads/program.ts";
import { type App, appObjects, ground, SHOP } from "./shop.ts";

/** As in the configuration below. */
export const LEASE_SECONDS = 3;
export const RETRY_SECONDS = 0.5;

/** cAdvisor's numbers are a few seconds old and come every other second: with steps this short, look back further. */
const CATALOGUE = Object.fromEntries(
	DEFAULT_CATALOGUE.filter(({ query }) => query.includes("container_cpu_usage_seconds_total")).map(
		({ name, query, ...metric }) => [
			name,
			{ ...metric, query: query.replaceAll("$window", "12s").replaceAll("$step", "9s") },
		],
	),
);

/** Waits of seconds in the place of minutes. */
const CONFIGURATION = {
	prometheus: { timeout: "1s" },
	metrics: { step: "1s", catalogue: CATALOGUE },
	webhook: { drain: "1s" },
	certificates: { checkInterval: "1s", overlap: "2s" },
	leaderElection: { leaseDuration: `${LEASE_SECONDS}s`, renewDeadline: "2s", retryPeriod: `${RETRY_SECONDS}s` },
	rebalancing: { progressInterval: "500ms", releaseGrace: "2s" },
};

/** Three machines, the controller of our image on two of them, and what acts on both. */
export interface RealStage extends View {
	readonly cluster: RealCluster;
	readonly api: Api;
	/** The workload program. */
	readonly program: string;
	/** For files of tests. */
	readonly folder: string;
	/** `kubectl apply` of YAML documents. */
	apply(...documents: readonly string[]): Promise<void>;
	stop(): Promise<void>;
}

/** Starts it; resolves when both replicas run and pods are placed. */
export async function startStage(apps: readonly string[]): Promise<RealStage> {
	const folder = await mkdtemp(join(tmpdir(), "kubectl-qos-faults-"));
	const program = await buildWorkload(new AbortController().signal);
	const images = { workload: join(folder, "workload.tar"), controller: join(folder, "controller.tar") };
	await writeImage(program, images.workload);
	const image = makeImage(images.controller);
	// Awaited below; must not be reported as unhandled when the cluster fails first.
	image.catch(() => undefined);
	const cluster = await startRealCluster({
		nodes: ["node-1", "node-2", "node-3"].map((name) => ({ name, speed: 0.5 })),
		images: [images.workload],
	});
	const api = connectApi(cluster);
	const stage: RealStage = {
		cluster,
		api,
		waitUntil,
		program,
		folder,
		apply: async (...documents) => void (await cluster.kubectl(["apply", "-f", "-"], documents.join("---\n"))),
		async stop() {
			api.close();
			await cluster.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
	try {
		await image;
		await cluster.importImage(images.controller);
		await installOverlay(cluster, { configuration: CONFIGURATION });
		await stage.apply(...ground(apps));
		return stage;
	} catch (error) {
		await stage.stop();
		throw error;
	}
}

/** Creates an app that runs on a node: all others are closed meanwhile. Resolves when it is Ready there. */
export async function createOn(stage: RealStage, app: App, node: string): Promise<void> {
	const others = stage.cluster.nodes.map(({ name }) => name).filter((name) => name !== node);
	await Promise.all(others.map((name) => stage.cluster.cordon(name)));
	await stage.apply(appObjects(app));
	await stage.waitUntil(`${app.name} is placed on ${node}`, async () => {
		await runsOn(stage, [SHOP, app.name], [node]);
		const [pod] = await livePods(stage, SHOP, app.name);
		if (pod && placementOf(pod)) return true;
		// The nodes were not measured yet: its successor is placed.
		await stage.api.remove("Pod", SHOP, pod?.metadata.name ?? "");
		return undefined;
	});
	await Promise.all(others.map((name) => stage.cluster.uncordon(name)));
}
