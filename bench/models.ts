import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InferenceThreads } from "../src/adapters/onnx/inference-threads.ts";
import { OnnxModel } from "../src/adapters/onnx/onnx-model.ts";
import type { Model } from "../src/core/model/model.ts";
import type { Aggregate } from "../src/core/policy/policy.ts";
import { accuracyBySpeed, type Compared, comparisonTable } from "../training/evaluation/comparison.ts";
import type { AggregateFigures } from "../training/evaluation/figures.ts";
import { rowsPerSecond } from "../training/evaluation/speed.ts";
import { type Recording, recordings } from "./decisions/real-data/recording.ts";
import { live, type Scored } from "./decisions/real-data/stream.ts";

const ROOT = join(import.meta.dirname, "..");
const FAMILIES = join(ROOT, "models", "families");
const TABLE = join(ROOT, "docs", "model-families.md");
const PLOT = join(ROOT, "docs", "images", "model-families.svg");
/** Of each recording, by time. */
const TEST_FROM = 0.85;
/** A window may start at any of the six rows of a step. */
const PHASES = 6;
/** Rows to measure speed with: an app whose latency wavers. */
const SPEED_ROWS = 1000;

/** Both ways to judge an interval: as the model gives it, and as the controller has calibrated it by then. */
interface Judged extends Compared {
	readonly calibrated: Readonly<Record<"Mean" | "Max", AggregateFigures>>;
}

/**
 * The exported models of all families, and `forecast`, over the test split of the recorded pipelines: features,
 * onnxruntime and calibration are the controller's own. Nothing is trained. `--write` puts the figures into `docs/`.
 */
export async function run(args: readonly string[]): Promise<void> {
	const options = {
		write: { type: "boolean", default: false },
		phases: { type: "string", default: String(PHASES) },
	} as const;
	const { values } = parseArgs({ args: [...args], options });
	const threads = new InferenceThreads();
	const judged: Judged[] = [];
	const lives = await recordings();
	for (const [name, file] of await modelFiles()) {
		const bytes = await readFile(file);
		const model = await OnnxModel.load(bytes, file, threads);
		if ("refused" in model) throw new Error(model.message);
		judged.push({ ...(await judge(name, model, lives, Number(values.phases))), bytes: bytes.length });
		console.error(`${name}: done`);
	}
	await threads.close();
	judged.sort((left, right) => left.figures.aggregates.Mean.mae - right.figures.aggregates.Mean.mae);
	const table = comparisonTable(judged, "ms");
	console.log(`\nThe models alone:\n\n${table}\nCalibrated online by the controller:\n\n${calibratedTable(judged)}`);
	if (!values.write) return;
	await writeFile(TABLE, page(table, calibratedTable(judged)));
	await writeFile(PLOT, accuracyBySpeed(judged, "ms"));
	console.log(`written: ${TABLE}, ${PLOT}`);
}

async function modelFiles(): Promise<readonly (readonly [string, string])[]> {
	const files = (await readdir(FAMILIES)).filter((file) => file.endsWith(".onnx")).toSorted();
	const families = files.map((file) => [file.replace(/\.onnx$/, ""), join(FAMILIES, file)] as const);
	return [...families, ["forecast (built in)", join(ROOT, "models", "forecast-minimize.onnx")]];
}

async function judge(name: string, model: Model, lives: readonly Recording[], phases: number): Promise<Judged> {
	const [mean, max, min] = await Promise.all(
		(["Mean", "Max", "Min"] as const).map((aggregate) => scoresOf(model, aggregate, { lives, phases })),
	);
	if (!mean || !max || !min) throw new Error("three aggregates were asked for");
	const aggregates = { Mean: figuresOf(mean, "raw"), Max: figuresOf(max, "raw"), Min: figuresOf(min, "raw") };
	return {
		name,
		figures: { loss: Number.NaN, aggregates },
		speed: await rowsPerSecond(model, wavering(model)),
		calibrated: { Mean: figuresOf(mean, "issued"), Max: figuresOf(max, "issued") },
	};
}

async function scoresOf(
	model: Model,
	aggregate: Aggregate,
	{ lives, phases }: { readonly lives: readonly Recording[]; readonly phases: number },
): Promise<readonly Scored[]> {
	const all: Scored[] = [];
	for (const recording of lives) {
		const from = Math.ceil(TEST_FROM * recording.rows.length);
		for (let phase = 0; phase < phases; phase += 1) {
			for await (const one of live(recording, { model, aggregate }, { phase, from, scored: from })) all.push(one);
		}
	}
	return all;
}

/** In ms. */
function figuresOf(scored: readonly Scored[], which: "raw" | "issued"): AggregateFigures {
	const mean = (of: (one: Scored) => number) => scored.reduce((sum, one) => sum + of(one), 0) / scored.length;
	return {
		mae: 1000 * mean((one) => Math.abs(one[which].value - one.actual)),
		persistence: 1000 * mean(({ persistence, actual }) => Math.abs(persistence - actual)),
		coverage: mean(({ [which]: { lower, upper }, actual }) => Number(actual >= lower && actual <= upper)),
		width: 1000 * mean(({ [which]: { lower, upper } }) => upper - lower),
	};
}

/** Inputs that are alike in all models: ratios about 1, half of the node in use. */
function wavering({ metadata }: Model): Float32Array {
	const { window, features } = metadata;
	return Float32Array.from({ length: SPEED_ROWS * window * features.length }, (_, index) => {
		const { name = "" } = features[index % features.length] ?? {};
		const wave = 1 + 0.2 * Math.sin(index / 7);
		return name === "node_cpu_utilization_after_move" ? 0.5 * wave : wave;
	});
}

function calibratedTable(judged: readonly Judged[]): string {
	const rows = judged.map(({ name, calibrated: { Mean, Max } }) => [
		name,
		Mean.mae.toFixed(2),
		Max.mae.toFixed(1),
		`${Mean.coverage.toFixed(3)}, ${Max.coverage.toFixed(3)}`,
		`${Mean.width.toFixed(1)}, ${Max.width.toFixed(1)}`,
	]);
	const head = ["model", "MAE of the mean, ms", "MAE of the max, ms", "covered: mean, max", "width: mean, max, ms"];
	return `${[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function page(alone: string, calibrated: string): string {
	return `<!-- Written by \`npm run bench -- models --write\`; edit bench/models.ts instead. -->
# Families of models

The models of \`models/families\`, trained by \`npm run models:train -- families\`, on the test split of the recorded pipelines (\`training/data\`): every prediction is made by the controller's own features and onnxruntime-node, for the mean and the max of the next five minutes. "Persistence" takes the newest value for what stays. Speed is that of one process on a machine with other work: read it as a ratio.

![Error by speed](images/model-families.svg)

## The models alone
Their intervals were calibrated on the validation split, which ends in the restarts of one cluster: on the test split they are too wide.

${alone}
## As the controller issues them
Bias and reach of the intervals learned online, from predictions whose horizon has passed.

${calibrated}`;
}
