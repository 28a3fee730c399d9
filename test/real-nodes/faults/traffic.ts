import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Request, readRequests } from "../../../bench/truth/requests.ts";
import { parseMetrics, sumOf } from "../../e2e/harness/metrics-text.ts";
import { nextPodOf, placementOf } from "../../e2e/harness/workloads.ts";
import { type Load, startLoad } from "../load.ts";
import { WORKLOAD_IMAGE } from "../workloads/image.ts";
import { SHOP } from "./shop.ts";
import type { RealStage } from "./stage.ts";

/** Requests per second to each app. */
const RATE = 5;
/** Without any request between two stories nobody would know an app's latency at the beginning of the next. */
const BACKGROUND_RATE = 2;
const REQUEST_TIMEOUT_SECONDS = 5;
const CREATE_EVERY_MS = 200;
/** Creations of many pods that are under way at once. */
const AT_A_TIME = 5;

/** A pod that was created on trial, through the whole of admission. */
export interface Creation {
	/** When it was asked for, ms since the epoch. */
	readonly at: number;
	readonly seconds: number;
	/** Why the API server refused, or could not be asked. */
	readonly failure: string | undefined;
	/** Whether the webhook has placed it. */
	readonly placed: boolean;
}

/** What users saw while something went wrong. */
export interface Seen {
	readonly requests: readonly Request[];
	readonly creations: readonly Creation[];
}

/**
 * Lets a story happen while requests reach every app at its ready endpoints and pods of one app are created without a
 * pause.
 */
export async function during(stage: RealStage, apps: readonly string[], story: () => Promise<void>): Promise<Seen> {
	const file = join(stage.folder, "requests.csv");
	const pod = await nextPodOf(stage, SHOP, apps[0] ?? "");
	const load = await sendTo(stage, apps, { rate: RATE, file });
	const ended = new AbortController();
	const creations = keepCreating(stage, pod, ended.signal);
	try {
		await story();
	} finally {
		ended.abort();
		await Promise.all([load.stop(), creations]);
	}
	return { requests: await readRequests(file), creations: await creations };
}

/** Starts requests that nobody counts; returns how to end them. */
export async function startBackground(stage: RealStage, apps: readonly string[]): Promise<() => Promise<void>> {
	const load = await sendTo(stage, apps, { rate: BACKGROUND_RATE, file: join(stage.folder, "background.csv") });
	return () => load.stop();
}

function sendTo(
	{ cluster, program }: RealStage,
	apps: readonly string[],
	{ rate, file }: { readonly rate: number; readonly file: string },
): Promise<Load> {
	const rates = apps.map((name) => ({ name, rate }));
	const plan = { namespace: SHOP, seed: 7, timeoutSeconds: REQUEST_TIMEOUT_SECONDS, apps: rates };
	return startLoad(cluster, { program, plan, file });
}

/** One after the other begins on time, whether or not those before have been answered. */
async function keepCreating(stage: RealStage, pod: object, ended: AbortSignal): Promise<readonly Creation[]> {
	const creations: Promise<Creation>[] = [];
	while (!ended.aborted) {
		creations.push(createOnTrial(stage, pod));
		await delay(CREATE_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
	}
	return Promise.all(creations);
}

async function createOnTrial(stage: RealStage, pod: object): Promise<Creation> {
	return create(stage, pod, "dryRun=All");
}

/** Never rejects. */
async function create({ api }: RealStage, pod: object, query = ""): Promise<Creation> {
	const at = Date.now();
	const start = performance.now();
	const answer = await api.create("Pod", SHOP, pod, query).then(
		(created) => ({ failure: undefined, placed: placementOf(created) !== undefined }),
		(error: unknown) => ({ failure: String(error), placed: false }),
	);
	return { at, seconds: (performance.now() - start) / 1000, ...answer };
}

/** Creates pods that wait at a gate, so that their containers do not keep the computer busy; some at a time. */
export async function createMany(stage: RealStage, count: number): Promise<readonly Creation[]> {
	const created: Creation[] = [];
	const left = Array.from({ length: count }, (_, index) => waitingPod(`many-${index + 1}`));
	async function createNext(): Promise<void> {
		for (let pod = left.pop(); pod !== undefined; pod = left.pop()) created.push(await create(stage, pod));
	}
	await Promise.all(Array.from({ length: AT_A_TIME }, createNext));
	return created;
}

function waitingPod(name: string): object {
	const spec = {
		schedulingGates: [{ name: "test.kubectl-qos.dev/wait" }],
		containers: [{ name: "app", image: WORKLOAD_IMAGE }],
	};
	return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
}

/** Waits until the webhook places a new pod of the app. */
export async function untilPlaced(stage: RealStage, app: string): Promise<void> {
	const pod = await nextPodOf(stage, SHOP, app);
	await stage.waitUntil("pods are placed", async () => {
		const { placed, failure } = await createOnTrial(stage, pod);
		if (failure !== undefined) throw new Error(failure);
		return placed || undefined;
	});
}

/** Seconds that the slowest of them took. */
export function slowest(creations: readonly Creation[]): number {
	return Math.max(...creations.map(({ seconds }) => seconds));
}

/** A request or a creation that failed. */
interface Failure {
	readonly what: string;
	/** ms since the epoch. */
	readonly at: number;
	/** Of a request. */
	readonly app?: string;
	/** Of the pod that was asked; empty when no endpoint was ready. */
	readonly node?: string;
}

/** All that failed. @param away when there was no API server: what was created meanwhile does not count (ms) */
export function failures(
	{ requests, creations }: Seen,
	away: { readonly from: number; readonly to: number } = { from: 0, to: 0 },
): readonly Failure[] {
	return [
		...requests
			.filter(({ ok }) => !ok)
			.map(({ at, app, node, pod, latency }) => ({ what: `${pod} in ${latency} s`, at, app, node })),
		...creations
			.filter(({ at, seconds }) => at > away.to || at + seconds * 1000 < away.from)
			.flatMap(({ failure, at }) => (failure === undefined ? [] : [{ what: failure, at }])),
	];
}

/** How often the API server has gone on without the webhook's answer. */
export async function failedOpen({ api }: RealStage): Promise<number> {
	const samples = parseMetrics(await api.text("/metrics"));
	return sumOf(samples, "apiserver_admission_webhook_fail_open_count", { name: "placement.kubectl-qos.dev" });
}
