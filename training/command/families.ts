import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../test/cluster/programs/programs.ts";
import { readTestSplit, type TestSplit } from "../evaluation/test-split.ts";
import { FAMILIES } from "./options.ts";
import { trainFamily } from "./run.ts";
import type { TrainSettings } from "./settings.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const RECORDING = join(ROOT, "training", "data", "pipelines_performance.csv.gz");
const FOLDER = join(ROOT, "models", "families");
const GOLDEN = join(ROOT, "test", "unit", "models", "families-golden.json");
const GOLDEN_ROWS = 6;

/** The recorded pipelines as training/data/README.md describes them; prepared as for `forecast`. */
const SETTINGS: Omit<TrainSettings, "runs" | "quick"> = {
	families: FAMILIES,
	source: { kind: "Csv", file: RECORDING },
	preparation: {
		columns: {
			workload: "cluster",
			objective: "pipelines_status_realtime_pipeline_latency",
			utilization: "node_cpu_usage",
			rate: "pipelines_status_idelta_fps",
		},
		nodeCores: 16,
		clip: 1,
		scale: 1,
		largest: null,
		sort: true,
		stepSeconds: 30,
		horizonSteps: 10,
	},
	target: { metric: "latency", unit: "seconds", direction: "Minimize" },
	name: undefined,
	seed: 0,
	output: undefined,
	fresh: false,
	registration: undefined,
};

/** Trains every family on the recording and writes `models/families/FAMILY.onnx`. */
export async function trainFamilies({ runs, quick }: { readonly runs: string | undefined; readonly quick: boolean }) {
	const settings = { ...SETTINGS, quick, runs: runs ?? join(cacheFolder(), "training-runs") };
	const golden: Record<string, unknown> = {};
	await mkdir(FOLDER, { recursive: true });
	for (const family of FAMILIES) {
		const run = await trainFamily(family, RECORDING, settings);
		await copyFile(join(run.folder, "model.onnx"), join(FOLDER, `${family}.onnx`));
		golden[family] = goldenOf(await readTestSplit(run.folder));
		console.log(`models/families/${family}.onnx`);
	}
	await writeFile(GOLDEN, `${JSON.stringify(golden, undefined, "\t")}\n`);
}

/** A few rows and what Python answers, as base64 of float32, for the test that Node answers the same. */
function goldenOf({ input, answers, rows }: TestSplit) {
	const chosen = Array.from({ length: GOLDEN_ROWS }, (_, index) => Math.floor((index * rows) / GOLDEN_ROWS));
	const encoded = (values: Float32Array) => {
		const width = values.length / rows;
		const parts = chosen.map((row) => Buffer.from(values.slice(row * width, (row + 1) * width).buffer));
		return Buffer.concat(parts).toString("base64");
	};
	return { input: encoded(input), answers: encoded(answers) };
}
