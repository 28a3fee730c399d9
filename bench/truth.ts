import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Goal, printGoals, reached } from "./decisions/goals.ts";
import { loadMeasurements } from "./truth/measurements.ts";
import { truthPicture } from "./truth/picture.ts";
import { type ControllerUse, loadRecording, type PolicyName, type Recording } from "./truth/recording.ts";
import { replay } from "./truth/replay.ts";
import { panelsOf, type Score, scoreOf } from "./truth/report.ts";
import { runPolicy } from "./truth/run.ts";
import { scriptOf } from "./truth/script.ts";
import { tablesOf } from "./truth/tables.ts";

const OPTIONS = {
	minutes: { type: "string", default: "15" },
	/** End the script after so many minutes of it. */
	until: { type: "string" },
	policies: { type: "string", default: "default,initial,auto" },
	/** Folder for what was seen; default: a temporary one. */
	out: { type: "string" },
	/** Judge what an earlier run left in `--out` anew, and run nothing. */
	again: { type: "boolean", default: false },
	/** The same, with predictions made anew from what was measured. */
	replay: { type: "boolean", default: false },
	/** Write the picture and the tables into docs/. */
	write: { type: "boolean", default: false },
} as const;

const POLICIES: readonly PolicyName[] = ["default", "initial", "auto"];
const DOCS = join(import.meta.dirname, "../docs");

/** Real pods on real nodes: the same script under each policy, judged by the requests of a load generator. */
export async function run(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options: OPTIONS });
	const asked = values.policies.split(",");
	const policies = POLICIES.filter((policy) => asked.includes(policy));
	const folder = resolve(values.out ?? (await mkdtemp(join(tmpdir(), "kubectl-qos-truth-"))));
	await mkdir(folder, { recursive: true });
	const stop = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
	process.once("disconnect", () => stop.abort());
	process.channel?.unref();
	if (!values.again && !values.replay) {
		const script = scriptOf(Number(values.minutes), values.until === undefined ? undefined : Number(values.until));
		for (const policy of policies) {
			console.log(`  ${policy}: ${values.minutes} minutes`);
			await runPolicy({ policy, script, folder, stopped: stop.signal });
		}
	}
	const recordings: Recording[] = [];
	for (const policy of policies) {
		const recording = await loadRecording(folder, policy);
		recordings.push(values.replay ? await replayed(recording, folder) : recording);
	}
	const scores = recordings.map(scoreOf);
	console.log(`\n${tablesOf(scores)}`);
	printGoals(goalsOf(scores));
	if (!values.replay) await save(recordings, scores, { folder, isForDocs: values.write });
}

async function replayed(recording: Recording, folder: string): Promise<Recording> {
	const forecasts = await replay(recording, await loadMeasurements(folder, recording.policy));
	return { ...recording, forecasts };
}

async function save(
	recordings: readonly Recording[],
	scores: readonly Score[],
	{ folder, isForDocs }: { readonly folder: string; readonly isForDocs: boolean },
): Promise<void> {
	const [first] = recordings;
	if (!first) return;
	const picture = truthPicture(first.script, panelsOf(recordings), "Mean latency over 10 s, by app and policy");
	const file = isForDocs ? join(DOCS, "images/truth.svg") : join(folder, "truth.svg");
	await writeFile(file, picture);
	await writeFile(join(folder, "tables.md"), tablesOf(scores));
	console.log(`What was seen is in ${folder}, the picture in ${file}`);
}

function goalsOf(scores: readonly Score[]): readonly Goal[] {
	const alone = scores.find(({ policy }) => policy === "default");
	const auto = scores.find(({ policy }) => policy === "auto");
	if (!auto?.predictions) return [];
	const { calibrated, agreement } = auto.predictions;
	return [
		...(alone
			? [reached("SLO-violation time over the default scheduler's", auto.violated / alone.violated, "<=", 0.2)]
			: []),
		reached("failed requests during our moves, on nodes that were alive", auto.failedDuringMoves, "<=", 0),
		reached("top-1 node by prediction and by measurement", agreement.share, ">=", 0.85),
		reached("prediction error after 5 minutes", calibrated.error, "<=", 0.15),
		reached("coverage after 5 minutes, at least", calibrated.coverage, ">=", 0.85),
		reached("coverage after 5 minutes, at most", calibrated.coverage, "<=", 0.95),
		reached("moves per change of the world", auto.movesPerChange, "<=", 2),
		...(auto.controllers.length > 0
			? [reached("RSS of a controller, MiB", Math.max(...auto.controllers.map(mebibytesResident)), "<=", 200)]
			: []),
	];
}

function mebibytesResident({ resident }: ControllerUse): number {
	return resident / 2 ** 20;
}
