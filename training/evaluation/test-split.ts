import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ModelMetadata } from "../../src/core/model/model.ts";

/** What no model has seen in training, as Python wrote it. */
export interface TestSplit {
	readonly rows: number;
	/** `[rows, window, features]` */
	readonly input: Float32Array;
	/** `[rows, 3]`: mean, max and min of the objective over the horizon. */
	readonly targets: Float32Array;
	/** `[rows]`: the newest value of the objective, which is what persistence says of the horizon. */
	readonly newest: Float32Array;
	/** `[rows, outputs]`: what Python's onnxruntime answers. */
	readonly answers: Float32Array;
	/** `[rows]` */
	readonly workloads: readonly string[];
}

export const TARGETS = ["Mean", "Max", "Min"] as const;

export async function readTestSplit(folder: string): Promise<TestSplit> {
	const workloads = z.array(z.string()).parse(JSON.parse(await readFile(join(folder, "test-workloads.json"), "utf8")));
	const read = async (name: string) => {
		const bytes = await readFile(join(folder, `test-${name}.f32`));
		return new Float32Array(Uint8Array.from(bytes).buffer);
	};
	const [input, targets, newest, answers] = await Promise.all(["input", "targets", "newest", "answers"].map(read));
	if (!input || !targets || !newest || !answers) throw new Error(`${folder} is not complete; train again with --fresh`);
	return { rows: newest.length, input, targets, newest, answers, workloads };
}

/** The input of another model from the columns of `ours`, or why there is none. */
export function inputFor(
	other: ModelMetadata,
	split: TestSplit,
	ours: ModelMetadata,
): { readonly input: Float32Array } | { readonly problem: string } {
	// The history's parts are as many as the window's steps: they mean something else in another window.
	if (other.window !== ours.window) return { problem: `it needs a window of ${other.window} steps` };
	const columns = other.features.map((feature) => ({
		at: ours.features.findIndex(({ name }) => name === feature.name),
		standIn: feature.default,
		name: feature.name,
	}));
	const missing = columns.find(({ at, standIn }) => at < 0 && standIn === undefined);
	if (missing) return { problem: `it needs ${missing.name}, which this history has not` };
	const steps = split.rows * ours.window;
	const input = new Float32Array(steps * columns.length);
	for (let step = 0; step < steps; step += 1) {
		for (const [index, { at, standIn }] of columns.entries()) {
			const value = at < 0 ? standIn : split.input[step * ours.features.length + at];
			input[step * columns.length + index] = value ?? Number.NaN;
		}
	}
	return { input };
}
