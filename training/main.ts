/** `npm run models:train -- COMMAND`: trains models. Python does the learning, this side everything around it. */
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { TRAIN_OPTIONS } from "./command/options.ts";
import { settingsOf } from "./command/settings.ts";
import { runPython } from "./python.ts";

async function main(args: readonly string[]): Promise<void> {
	await yargs(args)
		.scriptName("npm run models:train --")
		.usage("$0 COMMAND: makes models for kubectl-qos; training/README.md tells more")
		.command(
			"train",
			"Make a model from measurements: load, train, evaluate, export, and register it in MLflow",
			TRAIN_OPTIONS,
			async (options) => {
				const settings = settingsOf(options);
				// Loads onnxruntime, which help and a wrong flag need not wait for.
				const { train } = await import("./command/train.ts");
				await train(settings);
			},
		)
		.command(
			"forecast",
			"Train the built-in model `forecast` anew",
			{ output: { type: "string", describe: "Root of the repository to write into" } },
			async ({ output }) => runPython(["forecast", ...(output === undefined ? [] : ["--output", output])]),
		)
		.command(
			"families",
			"Train every family on the recorded pipelines and write models/families",
			{ runs: TRAIN_OPTIONS.runs, quick: TRAIN_OPTIONS.quick },
			async (options) => (await import("./command/families.ts")).trainFamilies(options),
		)
		.demandCommand(1, "name a command")
		.strict()
		.version(false)
		.wrap(Math.min(120, process.stdout.columns ?? 100))
		.fail((message, error) => {
			if (error === undefined) console.error("npm run models:train -- --help tells what there is");
			throw error ?? new Error(message);
		})
		.parseAsync();
}

try {
	await main(hideBin(process.argv));
} catch (error) {
	// An empty line stands for what Python has said already.
	const message = error instanceof Error ? error.message : String(error);
	if (message !== "") console.error(message);
	process.exitCode = 1;
}
