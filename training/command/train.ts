import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { accuracyBySpeed, type Compared, comparisonTable } from "../evaluation/comparison.ts";
import { type Judged, judge } from "../evaluation/judge.ts";
import { publish } from "../publishing/publish.ts";
import { InputRefused } from "../python.ts";
import { confirmWritable } from "./folder.ts";
import { historyFile } from "./history.ts";
import { replaceFile, trainFamily } from "./run.ts";
import type { TrainSettings } from "./settings.ts";

const trained = z.object({ validationLoss: z.number(), samples: z.record(z.string(), z.number()) });

interface Candidate extends Judged {
	/** Mean pinball loss on the validation split. */
	readonly validationLoss: number;
}

/**
 * One command from measurements to a registered model. Everything on the way is kept in the folder `runs`, so that
 * the same command goes on where an interrupted one was.
 */
export async function train(settings: TrainSettings): Promise<void> {
	const { output } = settings;
	if (output !== undefined) {
		await confirmWritable(output).catch((error: unknown) => {
			throw new Error(`--output ${output} cannot be written (${reasonOf(error)})`, { cause: error });
		});
	}
	const history = await historyFile(settings);
	const candidates: Candidate[] = [];
	for (const family of settings.families) {
		const run = await trainFamily(family, history.file, settings).catch(async (error: unknown) => {
			// A history that is too short must not be found again when it has become longer.
			if (error instanceof InputRefused) await history.finish();
			throw error;
		});
		const judged = await judge(run, settings.target, settings.preparation);
		const { validationLoss, samples } = trained.parse(
			JSON.parse(await readFile(join(run.folder, "trained.json"), "utf8")),
		);
		candidates.push({ ...judged, validationLoss });
		console.log(
			`${family}: ${samples["train"]} samples to train, ${samples["validation"]} to validate, ${samples["test"]} to test; Node and Python at most ${judged.difference.toExponential(1)} apart; kept in ${run.folder}`,
		);
	}
	const [best] = candidates.toSorted((left, right) => left.validationLoss - right.validationLoss);
	if (!best) return;
	const { unit } = settings.target;
	const rows = candidates.map(comparedOf);
	const comparison = { table: comparisonTable(rows, unit), plot: accuracyBySpeed(rows, unit) };
	console.log(`\n${comparison.table}`);
	if (candidates.length > 1) console.log(`${best.run.family} is the best on the validation split.`);
	await replaceFile(join(best.run.folder, "comparison.md"), comparison.table);
	await replaceFile(join(best.run.folder, "accuracy-by-speed.svg"), comparison.plot);
	if (output !== undefined) await writeModel(join(best.run.folder, "model.onnx"), output);
	if (settings.registration) await publish(best, settings.registration, { comparison, settings });
	await history.finish();
}

async function writeModel(model: string, output: string): Promise<void> {
	try {
		// A controller may read the file at any moment.
		await replaceFile(output, await readFile(model));
	} catch (error) {
		throw new Error(`--output ${output} cannot be written (${reasonOf(error)}); the model is kept as ${model}`, {
			cause: error,
		});
	}
	console.log(`model: ${output}`);
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function comparedOf({ run, figures, speed, bytes }: Judged): Compared {
	return { name: run.family, figures, speed, bytes: bytes.length };
}
