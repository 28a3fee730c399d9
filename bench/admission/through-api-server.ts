import { Latencies } from "./latencies.ts";
import { openLoop } from "./open-loop.ts";
import { benchPod } from "./pod.ts";
import { type AdmissionStage, isPlaced, NAMESPACE, startStage } from "./stage.ts";

export interface ThroughApiServerOptions {
	readonly nodes: number;
	readonly workloads: number;
	/** Pods per second. */
	readonly rate: number;
	/** Of each run. */
	readonly seconds: number;
	/** Runs without the webhook, each followed by one with it. */
	readonly rounds: number;
	/** The pods are scheduled, run and reported on, which leaves two cores busy without any webhook. */
	readonly scheduled: boolean;
}

/** One run: what a client sees. */
export interface Run {
	readonly latencies: Latencies;
	readonly placed: number;
}

/** A run with the webhook, and what the API server says of it. */
export interface WebhookRun extends Run {
	/** Mean of one call, ms. */
	readonly meanMs: number;
	/** Share of calls answered within 5 ms. */
	readonly fastShare: number;
	readonly failedOpen: number;
	readonly calls: number;
	/** Seconds of CPU that the controller took per 1,000 pods, all its work included. */
	readonly cpuSecondsPer1000: number;
}

export interface Round {
	readonly without: Run;
	readonly with: WebhookRun;
}

/** Pods before each run: connections are made and code is compiled. */
const WARM_UP = 200;
/** What is measured is the admission: scheduler and kubelets of a cluster do not share their cores with it. */
const HELD = [{ name: "bench.kubectl-qos.dev/held" }];

/** Creates pods at a steady rate on one control plane, by turns without and with the webhook. */
export async function throughApiServer(options: ThroughApiServerOptions): Promise<readonly Round[]> {
	const deployments = Array.from({ length: options.workloads }, (_, index) => `app-${index}`);
	const stage = await startStage({ nodes: options.nodes, deployments });
	try {
		const rounds: Round[] = [];
		for (let round = 0; round < options.rounds; round++) {
			const without = await run(stage, options, deployments);
			rounds.push({ without, with: await runWithWebhook(stage, options, deployments) });
		}
		return rounds;
	} finally {
		await stage.stop();
	}
}

async function runWithWebhook(
	stage: AdmissionStage,
	options: ThroughApiServerOptions,
	deployments: readonly string[],
): Promise<WebhookRun> {
	const controller = await stage.admit();
	const cpu = async () => Number(/^process_cpu_seconds_total (\S+)$/m.exec(await controller.metrics())?.[1]);
	await create(stage, { ...options, count: WARM_UP }, deployments);
	const [cpuBefore, before] = await Promise.all([cpu(), stage.asked()]);
	const measured = await create(stage, { ...options, count: options.rate * options.seconds }, deployments);
	const [cpuAfter, after] = await Promise.all([cpu(), stage.asked()]);
	await stage.clear();
	await stage.withdraw(controller);
	const calls = after.calls - before.calls;
	return {
		...measured,
		calls,
		meanMs: ((after.seconds - before.seconds) / calls) * 1000,
		fastShare: (after.fast - before.fast) / calls,
		failedOpen: after.failedOpen - before.failedOpen,
		cpuSecondsPer1000: ((cpuAfter - cpuBefore) / measured.latencies.count) * 1000,
	};
}

async function run(
	stage: AdmissionStage,
	options: ThroughApiServerOptions,
	deployments: readonly string[],
): Promise<Run> {
	await create(stage, { ...options, count: WARM_UP }, deployments);
	const measured = await create(stage, { ...options, count: options.rate * options.seconds }, deployments);
	await stage.clear();
	return measured;
}

async function create(
	{ api }: AdmissionStage,
	{ rate, count, scheduled }: { readonly rate: number; readonly count: number; readonly scheduled: boolean },
	deployments: readonly string[],
): Promise<Run> {
	const latencies = new Latencies();
	const placed = await openLoop({ rate, count }, async (index) => {
		const { spec, ...pod } = benchPod(deployments[index % deployments.length] ?? "");
		const startedAt = performance.now();
		const created = await api.create("Pod", NAMESPACE, {
			...pod,
			spec: scheduled ? spec : { ...spec, schedulingGates: HELD },
		});
		latencies.add(performance.now() - startedAt);
		return isPlaced(created);
	});
	return { latencies, placed: placed.filter(Boolean).length };
}
