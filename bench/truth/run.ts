import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Observer } from "../../demo/observer.ts";
import { type Api, connectApi } from "../../test/e2e/harness/api.ts";
import { startRealCluster } from "../../test/real-nodes/cluster.ts";
import { makeImage } from "../../test/real-nodes/installed.ts";
import { WORKLOAD_IMAGE, writeImage } from "../../test/real-nodes/workloads/image.ts";
import { buildWorkload } from "../../test/real-nodes/workloads/program.ts";
import { collectControllers } from "./controllers.ts";
import { play, type Stage } from "./events.ts";
import { ForecastLog } from "./forecasts.ts";
import { startOurs } from "./installation.ts";
import { startLoad } from "./load.ts";
import { appObjects, NAMESPACES, namespaces, PROBE, probeObjects, TIMES } from "./manifests.ts";
import { saveMeasurements } from "./measurements.ts";
import { type ControllerUse, type Move, type PolicyName, requestsFile, saveNotes } from "./recording.ts";
import { CONTROL, type Script } from "./script.ts";

const IMAGE = { reference: WORKLOAD_IMAGE };
const PATIENCE_SECONDS = 90;
/** Steps of measurements that are there of the nodes before the apps come: a full window. */
const HISTORY_STEPS = 11;
const SCRAPE_SECONDS = 1;

export interface RunOptions {
	readonly policy: PolicyName;
	readonly script: Script;
	/** Where what was seen is written. */
	readonly folder: string;
	readonly stopped: AbortSignal;
}

/** Lives through the script with one policy, on a cluster of its own, and writes down what was seen. */
export async function runPolicy({ policy, script, folder, stopped }: RunOptions): Promise<void> {
	const closing: Stage["closing"] = [];
	try {
		const program = await buildWorkload(stopped);
		const cluster = await startRealCluster({
			nodes: [...script.nodes, CONTROL],
			images: await makeImages({ policy, folder, program }),
			scrapeIntervalSeconds: SCRAPE_SECONDS,
		});
		closing.unshift(() => cluster.stop());
		const api = connectApi(cluster);
		closing.unshift(async () => api.close());
		const stage = { cluster, api, stopped, closing };
		await cluster.kubectl(["apply", "-f", "-"], namespaces(policy !== "default"));
		await cluster.kubectl(["apply", "-f", "-"], probeObjects(IMAGE));
		await untilServing(stage, PROBE, script.nodes.length);
		const watching = policy === "default" ? undefined : await begin(stage, script, policy);
		await cluster.kubectl(["apply", "-f", "-"], appObjects(script, IMAGE));
		for (const { name } of script.apps) await untilServing(stage, name, 1);
		const load = await startLoad(cluster, { program, script, file: requestsFile(folder, policy) });
		closing.unshift(() => load.stop());
		try {
			await play(script, IMAGE, stage, load.startedAt);
		} finally {
			await load.stop();
			// Also of a script that could not be played to its end: what was seen until then is true.
			const { startedAt } = load;
			await saveMeasurements(cluster, { folder, policy, startedAt });
			const controllers: readonly ControllerUse[] = watching
				? await collectControllers({ cluster, api, folder, policy, startedAt }).catch((error: unknown) => {
						console.error("what the controllers left could not be fetched:", error);
						return [];
					})
				: [];
			await saveNotes(folder, {
				policy,
				script,
				startedAt,
				forecasts: watching?.log.forecasts ?? [],
				moves: watching ? movesOf(watching.observer) : [],
				controllers,
			});
		}
	} finally {
		for (const end of closing) await end().catch((error: unknown) => console.error("while ending:", error));
	}
}

/** Archives of what runs on the nodes: the workload, and the controller where there is one. */
async function makeImages({
	policy,
	folder,
	program,
}: Pick<RunOptions, "policy" | "folder"> & { readonly program: string }): Promise<readonly string[]> {
	const workload = join(folder, "workload.tar");
	await writeImage(program, workload);
	if (policy === "default") return [workload];
	const controller = join(folder, "controller.tar");
	await makeImage(controller);
	return [workload, controller];
}

interface Watching {
	readonly observer: Observer;
	readonly log: ForecastLog;
}

/** Installs kubectl-qos, watches what it says, and waits until it knows the nodes. */
async function begin(
	stage: Stage & { readonly api: Api },
	script: Script,
	policy: "initial" | "auto",
): Promise<Watching> {
	const { cluster, closing, stopped } = stage;
	await startOurs(cluster, script, policy === "auto" ? "Auto" : "Initial");
	const observer = new Observer(cluster.kubeconfig);
	observer.start();
	closing.unshift(() => observer.stop());
	const log = new ForecastLog();
	const timer = setInterval(() => log.take(observer.reports), 1000);
	closing.unshift(async () => clearInterval(timer));
	await delay(HISTORY_STEPS * TIMES.step * 1000, undefined, { signal: stopped });
	return { observer, log };
}

function movesOf({ migrations }: Observer): readonly Move[] {
	return [...migrations.values()]
		.filter(({ namespace, status }) => namespace === NAMESPACES.apps && status.startedAt !== undefined)
		.map(({ workload, createdAt, status }) => ({
			app: workload.slice(workload.indexOf("/") + 1),
			at: status.startedAt ?? createdAt,
			from: status.from,
			to: status.to,
			rolledOutAt: status.rolledOutAt,
			undoneAt: status.phase === "Reverted" || status.phase === "Failed" ? status.completedAt : undefined,
			phase: status.phase,
			promised: status.promised?.value,
			measured: status.measured,
		}))
		.toSorted((left, right) => left.at - right.at);
}

async function untilServing(
	{ api, stopped }: { readonly api: Api; readonly stopped: AbortSignal },
	app: string,
	count: number,
): Promise<void> {
	const deadline = Date.now() + PATIENCE_SECONDS * 1000;
	for (;;) {
		const pods = await api.list("Pod", NAMESPACES.apps, `app=${app}`);
		const ready = pods.filter(({ status }) =>
			status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
		);
		if (ready.length >= count) return;
		if (Date.now() > deadline) throw new Error(`${app} does not serve after ${PATIENCE_SECONDS} s`);
		await delay(300, undefined, { signal: stopped });
	}
}
