import { setTimeout as sleep } from "node:timers/promises";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { MlflowPredictionSink } from "../../src/adapters/mlflow/tracking/sink.ts";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import { Ledger } from "../../src/core/features/ledger.ts";
import { evaluate } from "../../src/core/pipeline.ts";
import { TRACKING_LAYOUTS } from "../../src/core/policy/policy.ts";
import type { Tracked } from "../../src/core/tracking/run.ts";
import { startMlflow } from "../../test/cluster/mlflow.ts";
import { clusterOf } from "../decisions/cycle/cluster.ts";
import { cyclePolicy } from "../decisions/policy.ts";
import { measurements, NOW, nodeNames } from "../world.ts";

export interface SavingOptions {
	readonly apps: number;
	readonly nodes: number;
	/** Of each kind. */
	readonly cycles: number;
}

/** Between two cycles, ms: short, so that the one before is still being saved. */
const PAUSE_MS = 200;
const GOAL_RATIO = 1.05;
/** Runs that wait at the most; SQLite takes long for what hundreds of apps would give it. */
const QUEUE = 20;

/** Cycles by turns: not saved, saved, and while the one before is being saved; then how fast that goes. */
export async function reportSaving({ apps, nodes, cycles }: SavingOptions): Promise<void> {
	console.log(`saving: ${apps} apps x ${nodes} nodes, ${cycles} cycles each without and with saving by turns`);
	const mlflow = await startMlflow();
	const client = new MlflowClient({ trackingUri: mlflow.url, timeout: 30 });
	const cycle = await newCycle(apps, nodes);
	try {
		for (let warm = 0; warm < 5; warm += 1) await cycle.run();
		const without: Figures = { clock: [], thread: [] };
		const recorded: Figures = { clock: [], thread: [] };
		const saving: Figures = { clock: [], thread: [] };
		for (let turn = 0; turn < cycles; turn += 1) {
			const { sink, idle } = newSink(client);
			const plain = () => timed(without, async () => void (await cycle.run()));
			// Which comes first leaves its garbage to the other.
			if (turn % 2 === 0) await plain();
			await timed(recorded, async () => sink.record(await cycle.run()));
			if (turn % 2 === 1) {
				await idle();
				await plain();
			}
			sink.record(await cycle.run());
			await sleep(PAUSE_MS);
			await timed(saving, async () => sink.record(await cycle.run()));
			await idle();
		}
		report("that is saved, by the clock", without.clock, recorded.clock);
		report("that is saved, CPU of its thread", without.thread, recorded.thread);
		report("while the one before is being saved, by the clock", without.clock, saving.clock);
		report("while the one before is being saved, CPU of its thread", without.thread, saving.thread);
		for (const layout of TRACKING_LAYOUTS) {
			const { sink, idle, saved } = newSink(client, [layout]);
			const start = performance.now();
			sink.record((await cycle.run()).slice(0, QUEUE));
			await idle();
			const seconds = (performance.now() - start) / 1000;
			const { runs, values } = saved();
			const rate = (count: number) => Math.round(count / seconds).toLocaleString("en");
			console.log(
				`  ${layout.padEnd(10)} ${rate(runs)} runs/s, ${rate(runs * nodes)} predictions/s (${rate(values)} values/s)`,
			);
		}
	} finally {
		await cycle.close();
		await client.close();
		await mlflow.stop();
	}
}

/** Evaluations of all apps on all nodes, as what is saved of them. */
async function newCycle(apps: number, nodes: number) {
	const policy = await cyclePolicy();
	const cluster = clusterOf(apps, nodes, policy);
	const metrics = measurements(nodeNames(nodes), [...cluster.workloads.keys()]);
	const models = await FileModelRegistry.open({ catalogue: metrics });
	const inputs = { cluster, metrics, models, ledger: new Ledger(), memories: new Map(), now: NOW };
	return {
		async run(): Promise<readonly Tracked[]> {
			const evaluated = await evaluate({ ...inputs, remembers: false, isSelected: () => true });
			return evaluated.map(({ evaluation }) => ({ evaluation, policy, unit: "seconds" }));
		},
		close: () => models.close(),
	};
}

function newSink(client: MlflowClient, layouts = TRACKING_LAYOUTS.slice(0, 1)) {
	const counts = { waiting: 0, runs: 0, values: 0 };
	const sink = new MlflowPredictionSink({
		client,
		layouts,
		team: "bench",
		nodes: [],
		queueLimit: QUEUE,
		telemetry: {
			ended(_layout, result, count) {
				if (result === "refused") throw new Error("a run was refused");
				counts.runs += Number(result === "saved");
				counts.values += count;
			},
			queued: (queued) => (counts.waiting = queued),
			reachable: () => undefined,
		},
		log: { info: () => undefined, warn: (fields) => console.error(fields) },
	});
	async function idle(): Promise<void> {
		while (counts.waiting > 0) await sleep(5);
	}
	return { sink, idle, saved: () => counts };
}

/** Seconds, one number a cycle. */
interface Figures {
	readonly clock: number[];
	readonly thread: number[];
}

async function timed({ clock, thread }: Figures, work: () => Promise<void>): Promise<void> {
	const before = process.threadCpuUsage();
	const start = performance.now();
	await work();
	clock.push((performance.now() - start) / 1000);
	const { user, system } = process.threadCpuUsage(before);
	thread.push((user + system) / 1e6);
}

function report(what: string, without: readonly number[], saving: readonly number[]): void {
	const [alone, beside] = [medianOf(without), medianOf(saving)];
	const ratio = beside / alone;
	const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`;
	const verdict = ratio <= GOAL_RATIO ? "reached" : "MISSED";
	console.log(
		`  a cycle ${what}: ${milliseconds(alone)} without, ${milliseconds(beside)} with saving, ${ratio.toFixed(3)} x (goal ${GOAL_RATIO} x: ${verdict})`,
	);
}

function medianOf(values: readonly number[]): number {
	return values.toSorted((left, right) => left - right)[values.length >> 1] as number;
}
