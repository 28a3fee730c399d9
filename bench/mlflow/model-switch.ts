import { headroom } from "../../models/headroom.ts";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import { startMlflow } from "../../test/cluster/mlflow.ts";
import { registerModel, setAlias } from "../../test/cluster/mlflow-models.ts";
import { Latencies } from "../admission/latencies.ts";
import type { Period } from "../admission/messages.ts";
import { type ReplayResult, replay } from "../admission/replay.ts";
import { measurements, nodeNames, workloadNames } from "../world.ts";
import { BENCH_ALIAS, BENCH_MODEL } from "./switching-model.ts";

export interface ModelSwitchOptions {
	readonly nodes: number;
	/** AdmissionReviews per second. */
	readonly rate: number;
	readonly seconds: number;
	/** Seconds between two moves of the alias. */
	readonly every: number;
}

/** Every so often rankings are made anew, with what was switched since. */
const STEP_SECONDS = 5;
const LOADS = 30;
/** More than this, in ms, no admission may take because of a switch. */
const GOAL_MS = 5;

/** The same admissions without and with an alias that moves all the time. */
export async function reportModelSwitch(options: ModelSwitchOptions): Promise<void> {
	const { nodes, rate, seconds, every } = options;
	console.log(
		`model switch: ${rate} reviews/s for ${seconds} s, ${nodes} nodes; the alias stays, then moves every ${every} s`,
	);
	await reportLoad();
	const mlflow = await startMlflow();
	try {
		for (const bytes of variants()) {
			await registerModel(mlflow.url, { name: BENCH_MODEL, files: { "model.onnx": bytes } });
		}
		await setAlias(mlflow.url, BENCH_MODEL, BENCH_ALIAS, "1");
		const sizes = { nodes, workloads: 20, rate, seconds, stepSeconds: STEP_SECONDS, mlflowUrl: mlflow.url };
		const still = await replay({ ...sizes, decides: "Placement" });
		let version = 1;
		const moving = setInterval(() => {
			version = version === 1 ? 2 : 1;
			void setAlias(mlflow.url, BENCH_MODEL, BENCH_ALIAS, String(version));
		}, every * 1000);
		const moved = await replay({ ...sizes, decides: "Placement" }).finally(() => clearInterval(moving));
		report(still, moved);
	} finally {
		await mlflow.stop();
	}
}

/** What loading takes of the thread that answers admission: none can wait longer for it, whatever else is at work. */
async function reportLoad(): Promise<void> {
	const names = nodeNames(1);
	const files = await FileModelRegistry.open({ catalogue: measurements(names, workloadNames(1)) });
	const [bytes = new Uint8Array()] = variants();
	const taken = new Latencies();
	for (let round = 0; round < LOADS; round++) {
		const before = process.threadCpuUsage();
		await files.load(bytes, "headroom");
		const { user, system } = process.threadCpuUsage(before);
		taken.add((user + system) / 1000);
	}
	await files.close();
	const [p50, most] = [0.5, 1].map((share) => taken.quantile(share).toFixed(1));
	console.log(`  CPU of the main thread per load, ms: median ${p50}, most ${most} (goal ${GOAL_MS})`);
}

/** One graph in two files: a producer's name (field 2 of ModelProto) counts for nothing. */
function variants(): Uint8Array[] {
	const bytes = headroom("Minimize");
	return [bytes, Buffer.concat([bytes, Buffer.from([0x12, 1, 0x78])])];
}

function report(still: ReplayResult, moved: ReplayResult): void {
	const during = latenciesOf(moved.reviews.filter((review) => overlapsAny(review, moved.switches)));
	const between = latenciesOf(moved.reviews.filter((review) => !overlapsAny(review, moved.switches)));
	const row = (name: string, latencies: Latencies) => {
		const [p50, p99, most] = [0.5, 0.99, 1].map((share) => latencies.quantile(share).toFixed(2));
		console.log(`  ${name.padEnd(26)} ${String(latencies.count).padStart(6)}   p50 ${p50}   p99 ${p99}   most ${most}`);
	};
	const lengths = new Latencies();
	for (const { from, to } of moved.switches) lengths.add(to - from);
	console.log(
		`  switches ${moved.switches.length}, from loading to serving: median ${lengths.quantile(0.5).toFixed(1)} ms`,
	);
	console.log(`  ms of an admission         reviews`);
	row("the alias stays", latenciesOf(still.reviews));
	row("the alias moves: between", between);
	row("the alias moves: during", during);
	const excess = during.quantile(0.5) - between.quantile(0.5);
	const worst = during.quantile(1) - between.quantile(0.5);
	console.log(
		`  a switch adds ${excess.toFixed(2)} ms in the middle, ${worst.toFixed(2)} ms at most (goal ${GOAL_MS}; the most between switches: ${(between.quantile(1) - between.quantile(0.5)).toFixed(2)})`,
	);
}

function latenciesOf(reviews: readonly Period[]): Latencies {
	const latencies = new Latencies();
	for (const { from, to } of reviews) latencies.add(to - from);
	return latencies;
}

function overlapsAny({ from, to }: Period, periods: readonly Period[]): boolean {
	return periods.some((period) => from < period.to && to > period.from);
}
