import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { formatValue } from "../../cmd/kubectl-qos/output/number.ts";
import { HOSTNAME_KEY } from "../../src/core/cluster/node.ts";
import { APPS, NAMESPACES, workloadIn } from "../machines.ts";
import { measure } from "../measure.ts";
import { HALVES, type Half } from "../record.ts";
import { mark, type Stage, type } from "../stage.ts";
import { step, waitUntil } from "../steps.ts";
import { formatLatency, summaryOfSamples } from "../summary.ts";
import { latencyQuery } from "./latency.ts";

const MANIFESTS = join(import.meta.dirname, "../manifests");

/** Seconds of measurements that the controller shall have of the nodes before it is asked. */
const HISTORY_SECONDS = 6;
/** Seconds without an event before the first one, so that the record shows how it was. */
const QUIET_SECONDS = 8;

/** The apps are deployed in both halves at once, and placed: here by prediction, there by requests. */
export async function arrive(stage: Stage): Promise<void> {
	const { narrator, cluster, stopped } = stage;
	narrator.chapter("Three apps, twice");
	await step({ name: "nodes are measured", timeoutSeconds: 40, stopped }, (signal) => waitForTelemetry(stage, signal));
	narrator.say(
		"The same three Deployments are created in the namespaces shop, whose label opts in, and shop-twin, which has none.",
	);
	await step({ name: "the apps are deployed", timeoutSeconds: 30, stopped }, () =>
		Promise.all(HALVES.map((half) => cluster.kubectl(["apply", "-k", join(MANIFESTS, half)]))),
	);
	await step({ name: "all apps are available", timeoutSeconds: 40, stopped }, (signal) =>
		waitUntil(() => {
			const missing = allWorkloads().filter(
				(key) => (stage.observer.workloads.get(key)?.availableReplicas ?? 0) < 1 || !stage.observer.nodeOf(key),
			);
			return missing.length === 0 ? { found: true } : { still: `not available: ${missing.join(", ")}` };
		}, signal),
	);
	await step({ name: "the webhook placed the apps", timeoutSeconds: 5, stopped }, async () => showPlacements(stage));
}

/** What kubectl-qos says before anything has happened. */
export async function foretell(stage: Stage): Promise<void> {
	const { narrator, stopped } = stage;
	narrator.chapter("What would be where?");
	await step({ name: "reports are written", timeoutSeconds: 30, stopped }, (signal) =>
		waitUntil(() => {
			const missing = APPS.filter(({ name }) => !isMeasured(stage, name)).map(({ name }) => name);
			return missing.length === 0 ? { found: true } : { still: `nothing measured yet of ${missing.join(", ")}` };
		}, signal),
	);
	narrator.say("Every user with read access can ask what latency an app would have on any node, and what to do.");
	await type(stage, `kubectl qos predict deploy/web -n ${NAMESPACES.with}`);
	narrator.say("The twins are not feasible for web: its nodeSelector keeps it in its half of the nodes.");
	await step({ name: "users are served", timeoutSeconds: 40, stopped }, (signal) => compare(stage, signal));
}

/** What the users of both halves get before anything has happened. */
async function compare(stage: Stage, signal: AbortSignal): Promise<void> {
	await delay(QUIET_SECONDS * 1000, undefined, { signal });
	const to = Date.now();
	const range = { from: to - QUIET_SECONDS * 1000, to };
	const rows = await Promise.all(
		APPS.map(async ({ name, target }) => {
			const means = HALVES.map(async (half) => {
				const samples = await measure(stage.cluster.prometheusUrl, { query: latencyQuery(half, name), ...range });
				return formatLatency(summaryOfSamples(samples, target).mean);
			});
			return [name, ...(await Promise.all(means)), formatLatency(target)];
		}),
	);
	stage.narrator.say(`What users get, measured by Prometheus over ${QUIET_SECONDS} quiet seconds:`);
	stage.narrator.table([["app", "kubectl-qos", "default scheduler", "objective"], ...rows]);
}

function allWorkloads() {
	return HALVES.flatMap((half) => APPS.map(({ name }) => workloadIn(half, name)));
}

function isMeasured(stage: Stage, app: string): boolean {
	return stage.observer.reports.get(workloadIn("with", app))?.status?.current.measured !== undefined;
}

async function waitForTelemetry(stage: Stage, signal: AbortSignal): Promise<void> {
	const query = `count(count_over_time(node_cpu_seconds_total{mode="idle",cpu="0"}[1m]) >= ${HISTORY_SECONDS})`;
	await waitUntil(async () => {
		const url = `${stage.cluster.prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`;
		const answer = (await (await fetch(url, { signal })).json()) as {
			data?: { result?: { value: [number, string] }[] };
		};
		const nodes = Number(answer.data?.result?.[0]?.value[1] ?? 0);
		return nodes >= 12 ? { found: nodes } : { still: `${nodes} of 12 nodes have ${HISTORY_SECONDS} s of measurements` };
	}, signal);
}

function showPlacements(stage: Stage): void {
	const { narrator, observer } = stage;
	const rows = APPS.map(({ name }) => {
		const [pod] = observer.running(workloadIn("with", name));
		const record = JSON.parse(pod?.annotations["kubectl-qos.dev/placement"] ?? "{}") as { predicted?: number };
		const chosen = pod?.scheduling.nodeSelector[HOSTNAME_KEY];
		if (chosen === undefined) throw new Error(`the pod of ${name} was not placed by the webhook`);
		return [name, chosen, formatValue(record.predicted, "seconds"), nodeIn(stage, "without", name)];
	});
	narrator.done("The webhook placed each pod by its predicted latency; the real scheduler then bound it there.");
	narrator.table([["app", "kubectl-qos", "predicted", "default scheduler"], ...rows]);
	narrator.say(
		"The default scheduler counts requests: cloud-1 is the largest node and looks emptiest. That other work keeps 37 of its 48 cores busy stands in no request; it shows in the measurements.",
	);
	mark(
		stage,
		"Placement",
		`apps deployed; kubectl-qos: ${placesOf(stage, "with")}; default: ${placesOf(stage, "without")}`,
	);
}

function nodeIn(stage: Stage, half: Half, app: string): string {
	return stage.observer.nodeOf(workloadIn(half, app)) ?? "?";
}

function placesOf(stage: Stage, half: Half): string {
	return APPS.map(({ name }) => `${name} on ${nodeIn(stage, half, name)}`).join(", ");
}
