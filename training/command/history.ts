import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { prometheusHistory } from "../prometheus-history.ts";
import { makeFolder } from "./folder.ts";
import { replaceFile } from "./run.ts";
import type { TrainSettings } from "./settings.ts";

export interface HistoryFile {
	readonly file: string;
	/** Call it when all is done: what was loaded up to now is loaded anew next time. */
	finish(): Promise<void>;
}

/** The history as a CSV file: what was given, or what Prometheus has, kept until the run is done. */
export async function historyFile({ source, preparation, runs, fresh }: TrainSettings): Promise<HistoryFile> {
	if (source.kind === "Csv") return { file: source.file, finish: async () => {} };
	const depends = JSON.stringify([source, preparation.stepSeconds]);
	const key = createHash("sha256").update(depends).digest("hex").slice(0, 12);
	const file = join(runs, `history-${key}.csv`);
	const finish = async () => {
		if (source.until === undefined) await rm(file, { force: true });
	};
	const kept = fresh ? undefined : await stat(file).catch(() => undefined);
	if (kept) {
		console.error(`history: as loaded at ${kept.mtime.toISOString()}; --fresh loads it anew`);
		return { file, finish };
	}
	const csv = await prometheusHistory(source, preparation.stepSeconds);
	await makeFolder(runs);
	await replaceFile(file, csv);
	console.error(`history: ${csv.split("\n").length - 2} rows from Prometheus`);
	return { file, finish };
}
