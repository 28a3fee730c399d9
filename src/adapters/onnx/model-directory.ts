import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelRefusal } from "../../core/model/model.ts";
import type { InferenceThreads } from "./inference-threads.ts";
import { OnnxModel } from "./onnx-model.ts";

const EXTENSION = ".onnx";
/** Larger files are refused: models of this kind have kilobytes to a few megabytes. */
const LARGEST_FILE = 256 * 1024 * 1024;

interface Entry {
	/** Modification time (ms) and size of the file when it was read. */
	readonly stamp: string;
	readonly sha256: string | undefined;
	readonly content: OnnxModel | ModelRefusal;
}

/** The models of one directory by file name without `.onnx`; subdirectories are not looked into. */
export class ModelDirectory {
	private readonly path: string;
	private readonly threads: InferenceThreads;
	private readonly entries = new Map<string, Entry>();
	private problem: ModelRefusal | undefined;

	constructor(path: string, threads: InferenceThreads) {
		this.path = path;
		this.threads = threads;
	}

	/** The model as of the last `refresh`. */
	get(name: string): OnnxModel | ModelRefusal {
		const entry = this.entries.get(name);
		if (entry) return entry.content;
		return this.problem ?? refuse("NotFound", `there is no ${name}${EXTENSION} in ${this.path}; put it there`);
	}

	/** Loads new and changed files and forgets removed ones. Never rejects. */
	async refresh(): Promise<void> {
		const names = await this.list();
		for (const name of this.entries.keys()) {
			if (!names.includes(name)) this.replace(name, undefined);
		}
		for (const name of names) {
			const known = this.entries.get(name);
			const entry = await this.read(join(this.path, name + EXTENSION), known);
			if (entry !== known) this.replace(name, entry);
		}
	}

	private async list(): Promise<readonly string[]> {
		try {
			const files = await readdir(this.path);
			this.problem = undefined;
			return files
				.filter((file) => file.endsWith(EXTENSION) && !file.startsWith("."))
				.map((file) => file.slice(0, -EXTENSION.length));
		} catch (error) {
			this.problem = refuse("Unreadable", `the model directory cannot be read: ${lineOf(error)}; correct its path`);
			return [];
		}
	}

	/** What a file holds now: the known entry when its content is the same, nothing when it is not a file. */
	private async read(path: string, known: Entry | undefined): Promise<Entry | undefined> {
		try {
			const stats = await stat(path);
			const stamp = `${stats.mtimeMs}/${stats.size}`;
			if (known?.stamp === stamp) return known;
			if (!stats.isFile()) return undefined;
			if (stats.size > LARGEST_FILE) {
				const message = `${path} is larger than ${LARGEST_FILE / 1024 ** 2} MiB; use a smaller model`;
				return { stamp, sha256: undefined, content: refuse("Unreadable", message) };
			}
			const bytes = await readFile(path);
			const sha256 = createHash("sha256").update(bytes).digest("hex");
			if (known?.sha256 === sha256) return { ...known, stamp };
			return { stamp, sha256, content: await OnnxModel.load(bytes, path, this.threads) };
		} catch (error) {
			return { stamp: "", sha256: undefined, content: refuse("Unreadable", `${lineOf(error)}; correct its rights`) };
		}
	}

	private replace(name: string, entry: Entry | undefined): void {
		const before = this.entries.get(name)?.content;
		if (entry) this.entries.set(name, entry);
		else this.entries.delete(name);
		if (before instanceof OnnxModel && before !== entry?.content) before.release();
	}
}

function refuse(reason: ModelRefusal["reason"], message: string): ModelRefusal {
	return { refused: true, reason, message };
}

function lineOf(error: unknown): string {
	return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
