import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseFlags } from "./arguments.ts";
import { difference, stepsOf, withOutputs } from "./tutorial/document.ts";
import { runSteps } from "./tutorial/run.ts";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDER = join(ROOT, "docs/tutorials");
/** In .gitignore; the tutorials put their clusters here as well. */
const SCRATCH = join(ROOT, ".tutorial");

/**
 * `npm run tutorial -- NAME [--write]`: runs the commands of docs/tutorials/NAME.md one after the other and
 * compares what they print with what the document shows; --write puts it there, with the picture NAME.svg that
 * they have made in the scratch folder.
 */
async function main(): Promise<number> {
	const names = (await readdir(FOLDER)).flatMap((file) => /^(.*)\.md$/.exec(file)?.[1] ?? []);
	const usage = `npm run tutorial -- NAME [--write]; NAME is one of ${names.join(", ")}`;
	const flags = { options: { write: { type: "boolean" } }, allowPositionals: true } as const;
	const { values, positionals } = parseFlags(flags, usage);
	const [name = ""] = positionals;
	if (positionals.length !== 1 || !names.includes(name)) {
		console.error(`usage: ${usage}`);
		return 2;
	}
	const file = join(FOLDER, `${name}.md`);
	const markdown = await readFile(file, "utf8");
	const steps = stepsOf(markdown);
	const toRun = steps.filter(({ cleansUp }) => !cleansUp);
	await mkdir(SCRATCH, { recursive: true });
	const { outputs, failed } = await runSteps(steps, {
		root: ROOT,
		script: join(SCRATCH, `${name}.sh`),
		onOutput: (text) => process.stdout.write(text),
	});
	if (failed !== undefined) {
		const line = (toRun[failed]?.commands.line ?? 0) + 1;
		console.error(`docs/tutorials/${name}.md, line ${line}: a command of this block failed; its output stands above`);
		return 1;
	}
	if (values.write === true) {
		await copyFile(join(SCRATCH, `${name}.svg`), join(FOLDER, "images", `${name}.svg`));
		await writeFile(file, withOutputs(markdown, toRun, outputs));
		return 0;
	}
	const differences = toRun.flatMap((step, index) => difference(step, outputs[index] ?? "") ?? []);
	for (const message of differences) console.error(`docs/tutorials/${name}.md, ${message}`);
	return differences.length === 0 ? 0 : 1;
}

process.exitCode = await main();
