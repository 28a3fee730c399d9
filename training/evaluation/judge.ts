import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceThreads } from "../../src/adapters/onnx/inference-threads.ts";
import { OnnxModel } from "../../src/adapters/onnx/onnx-model.ts";
import { DEFAULT_CATALOGUE } from "../../src/config/default-catalogue.ts";
import { fits, type MetricCatalogue } from "../../src/core/model/fits.ts";
import type { Model } from "../../src/core/model/model.ts";
import type { Objective } from "../../src/core/policy/policy.ts";
import type { Run } from "../command/run.ts";
import type { Preparation, Target } from "../command/settings.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { rowsPerSecond, type Speed } from "./speed.ts";
import { inputFor, readTestSplit, type TestSplit } from "./test-split.ts";

/** A model that keeps the contract, and what it is worth. */
export interface Judged {
	/** What it was trained to answer. */
	readonly question: Question;
	readonly run: Run;
	readonly bytes: Uint8Array;
	readonly model: Model;
	readonly split: TestSplit;
	readonly figures: Figures;
	/** Largest relative difference between Python's and Node's answers. */
	readonly difference: number;
	readonly speed: Speed;
}

/** An objective, and what is measured where it is asked for. */
interface Question {
	readonly objective: Objective;
	readonly catalogue: MetricCatalogue;
}

/** Steps that the controller keeps unless it is told otherwise. */
const WINDOW = 10;
/** Between onnxruntime in Python and in Node, relative. */
const LARGEST_DIFFERENCE = 1e-5;

/**
 * Loads a trained model as the controller does, compares Node's answers on the test split with Python's and computes its
 * figures. Rejects with one line when the controller would refuse it or the answers differ.
 */
export async function judge(run: Run, target: Target, preparation: Preparation): Promise<Judged> {
	const file = join(run.folder, "model.onnx");
	const bytes = await readFile(file);
	const split = await readTestSplit(run.folder);
	const threads = new InferenceThreads();
	try {
		const model = await OnnxModel.load(bytes, file, threads);
		if ("refused" in model) throw new Error(`the controller refuses the model: ${model.message}`);
		const question = questionOf(target, preparation);
		const refusal = fits(model.metadata, question.objective, question.catalogue);
		if (refusal) throw new Error(`the controller refuses the model: ${refusal.message}`);
		const answers = await model.predict(split.input, split.rows);
		const difference = largestDifference(answers, split.answers);
		if (!(difference <= LARGEST_DIFFERENCE)) {
			throw new Error(`${file}: Node's answers differ from Python's by ${difference.toExponential(1)}; report it`);
		}
		const figures = figuresOf(answers, model.metadata, split);
		if (!figures) throw new Error(`${file} has no 90 % interval for each aggregate; report it`);
		return { question, run, bytes, model, split, figures, difference, speed: await rowsPerSecond(model, split.input) };
	} finally {
		await threads.close();
	}
}

/** Figures of another model on the split of `ours`, or why there are none. */
export async function judgeOther(
	bytes: Uint8Array,
	label: string,
	ours: Judged,
): Promise<{ readonly figures: Figures } | { readonly problem: string }> {
	const threads = new InferenceThreads();
	try {
		const model = await OnnxModel.load(bytes, label, threads);
		if ("refused" in model) return { problem: model.message };
		const refusal = fits(model.metadata, ours.question.objective, ours.question.catalogue);
		if (refusal) return { problem: refusal.message };
		const made = inputFor(model.metadata, ours.split, ours.model.metadata);
		if ("problem" in made) return made;
		const answers = await model.predict(made.input, ours.split.rows);
		const figures = figuresOf(answers, model.metadata, ours.split);
		return figures ? { figures } : { problem: "it has no 90 % interval for each aggregate" };
	} finally {
		await threads.close();
	}
}

/** For the catalogue that ships, with the target where it is another metric. */
function questionOf({ metric, unit, direction }: Target, { stepSeconds, horizonSteps }: Preparation): Question {
	const own = { name: metric, scope: "Workload", unit, min: 0, max: Number.MAX_VALUE } as const;
	return {
		objective: { metric, direction, target: undefined, horizonSeconds: horizonSteps * stepSeconds, aggregate: "Mean" },
		catalogue: {
			stepSeconds,
			steps: WINDOW,
			definition: (name) =>
				DEFAULT_CATALOGUE.find((known) => known.name === name) ?? (name === metric ? own : undefined),
		},
	};
}

function largestDifference(left: Float32Array, right: Float32Array): number {
	if (left.length !== right.length) return Number.POSITIVE_INFINITY;
	let largest = 0;
	for (const [index, value] of left.entries()) {
		const other = right[index] ?? Number.NaN;
		const difference = value === other ? 0 : Math.abs(value - other) / Math.abs(other);
		// Not a number is not equal.
		largest = difference <= largest ? largest : difference;
	}
	return largest;
}
