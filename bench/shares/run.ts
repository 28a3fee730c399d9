import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startRealCluster } from "../../test/real-nodes/cluster.ts";
import { startLoad } from "../../test/real-nodes/load.ts";
import type { RealCluster, RealNodeSpec } from "../../test/real-nodes/types.ts";
import { writeImage } from "../../test/real-nodes/workloads/image.ts";
import { buildWorkload } from "../../test/real-nodes/workloads/program.ts";
import { NAMESPACES, namespaces } from "../truth/manifests.ts";
import { FAILED_AFTER } from "../truth/scoring/latency.ts";
import { appOn, burnerOn } from "./manifests.ts";
import { HORIZON_SECONDS, requestsFile, type Seen, saveSeen } from "./recording.ts";
import { APP, type Situation } from "./situations.ts";
import { Telemetry } from "./telemetry.ts";

/** The app where nothing disturbs it: what it is known by. */
export const HOME = "app";
const NEIGHBOUR = "neighbour";
/** A window of measurements, and what cAdvisor is late. */
const SETTLING_SECONDS = 24;
const SEED = 7;

interface RunOptions {
	readonly situations: readonly Situation[];
	readonly nodes: readonly RealNodeSpec[];
	/** Where what was seen is written. */
	readonly folder: string;
	readonly stopped: AbortSignal;
}

interface Stage extends Omit<RunOptions, "situations"> {
	readonly cluster: RealCluster;
	readonly telemetry: Telemetry;
	/** The workload program. */
	readonly program: string;
}

/** Lives through the situations one after the other on one cluster, and writes down what was seen. */
export async function runSituations({ situations, nodes, folder, stopped }: RunOptions): Promise<void> {
	const program = await buildWorkload(stopped);
	const archive = join(folder, "workload.tar");
	await writeImage(program, archive);
	const cluster = await startRealCluster({ nodes, images: [archive], scrapeIntervalSeconds: 1 });
	try {
		const stage: Stage = { cluster, nodes, telemetry: new Telemetry(cluster), program, folder, stopped };
		await cluster.kubectl(["apply", "-f", "-"], namespaces(false));
		await serve(stage, { name: HOME, node: "home", request: APP.request });
		await whileSending(stage, HOME, async () => {
			for (const situation of situations) {
				console.log(`  ${situation.what}`);
				await saveSeen(folder, await live(stage, situation));
			}
		});
	} finally {
		await cluster.stop();
	}
}

async function live(stage: Stage, { name, node, app, neighbour }: Situation): Promise<Seen> {
	const { cluster, nodes, telemetry, stopped } = stage;
	if (neighbour) await create(cluster, burnerOn({ name: NEIGHBOUR, node, ...neighbour }));
	await delay(SETTLING_SECONDS * 1000, undefined, { signal: stopped });
	const before = await telemetry.moment();
	const createdAt = Date.now();
	await serve(stage, { name, node, ...app });
	const seen = await whileSending(stage, name, async () => {
		await delay(SETTLING_SECONDS * 1000, undefined, { signal: stopped });
		const there = await telemetry.moment();
		await delay(there.now + HORIZON_SECONDS * 1000 - Date.now(), undefined, { signal: stopped });
		return { there, ...(await telemetry.deeds(name)) };
	});
	await remove(cluster, neighbour ? [name, NEIGHBOUR] : [name]);
	return { situation: name, nodes, before, createdAt, ...seen };
}

async function serve({ cluster }: Stage, app: Parameters<typeof appOn>[0]): Promise<void> {
	await create(cluster, appOn(app));
	await cluster.kubectl(["wait", `pod/${app.name}`, "-n", NAMESPACES.apps, "--for=condition=Ready", "--timeout=60s"]);
}

/** Has the app asked for as long as `act` takes. */
async function whileSending<T>({ cluster, program, folder }: Stage, app: string, act: () => Promise<T>): Promise<T> {
	const load = await startLoad(cluster, {
		program,
		file: requestsFile(folder, app),
		plan: {
			namespace: NAMESPACES.apps,
			seed: SEED,
			timeoutSeconds: FAILED_AFTER,
			apps: [{ name: app, rate: APP.rate }],
		},
	});
	try {
		return await act();
	} finally {
		await load.stop();
	}
}

function create(cluster: RealCluster, objects: string): Promise<unknown> {
	return cluster.kubectl(["apply", "-f", "-"], objects);
}

function remove(cluster: RealCluster, pods: readonly string[]): Promise<unknown> {
	return cluster.kubectl(["delete", "pod", ...pods, "-n", NAMESPACES.apps, "--grace-period=1"]);
}
