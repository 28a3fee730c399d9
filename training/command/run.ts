import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputRefused, runPython } from "../python.ts";
import { makeFolder } from "./folder.ts";
import type { Family } from "./options.ts";
import type { TrainSettings } from "./settings.ts";

/** A trained model, before anybody has judged it. */
export interface Run {
	readonly family: Family;
	/** Keeps what was done; named by the family and a hash of all that the result depends on. */
	readonly folder: string;
	readonly name: string;
	readonly version: string;
}

const PACKAGE = join(import.meta.dirname, "..", "qos_training");

/** Trains a family on a CSV file, or goes on with what an earlier run has left. Progress goes to stderr. */
export async function trainFamily(family: Family, csv: string, settings: TrainSettings): Promise<Run> {
	const { preparation, target, seed, quick } = settings;
	const content = await readFile(csv).catch(() => undefined);
	const depends = { family, preparation, target, seed, quick, name: settings.name, code: await codeDigest() };
	const hash = createHash("sha256").update(JSON.stringify(depends));
	const key = hash
		.update(content ?? "")
		.digest("hex")
		.slice(0, 12);
	const folder = join(settings.runs, `${family}-${key}`);
	if (settings.fresh) await rm(folder, { recursive: true, force: true });
	await makeFolder(folder);
	const name = settings.name ?? `${target.metric}-${family}`;
	const run = { family, folder, name, version: key };
	const request = join(folder, "request.json");
	const isFirst = family === settings.families[0];
	await replaceFile(request, `${JSON.stringify({ ...run, csv, preparation, target, seed, quick, isFirst })}\n`);
	try {
		await runPython(["train", request]);
	} catch (error) {
		if (error instanceof InputRefused) await rm(folder, { recursive: true, force: true });
		throw error;
	}
	return run;
}

/** Replaces a file as a whole. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
	const part = `${file}.part`;
	await writeFile(part, content);
	await rename(part, file);
}

/** What an older version of the trainer has kept is no use. */
async function codeDigest(): Promise<string> {
	const files = (await readdir(PACKAGE, { recursive: true })).filter((file) => file.endsWith(".py")).toSorted();
	const hash = createHash("sha256");
	for (const file of files) hash.update(file).update(await readFile(join(PACKAGE, file)));
	return hash.update(await readFile(join(PACKAGE, "..", "requirements.txt"))).digest("hex");
}
