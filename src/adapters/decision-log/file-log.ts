import { appendFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { DecisionLog, LogEntry } from "../../core/decision-log/entry.ts";
import { codeOf, makeFolder } from "../../files/folder.ts";
import { logLine } from "./schema.ts";

export interface FileDecisionLogOptions {
	/** The file that is written; older ones are beside it as PATH.1, PATH.2, ... */
	readonly path: string;
	/** Size in bytes from which on a new file is begun. */
	readonly maxBytes: number;
	/** Older files that are kept. */
	readonly keptFiles: number;
	/** Candidates per entry. */
	readonly candidates: number;
	/** Told once when writing begins to fail, not for every entry. */
	readonly onFailure: (message: string) => void;
}

/** What waits for a slow disk at the most; entries beyond are lost rather than kept in memory. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * Decisions as JSON Lines in a file of bounded size, rotated. Every line says all that its decision rests
 * on, so any of the files can be read and replayed by itself.
 */
export class FileDecisionLog implements DecisionLog {
	private readonly options: FileDecisionLogOptions;
	private waiting: string[] = [];
	private waitingBytes = 0;
	private writing: Promise<void> | undefined;
	private size: number | undefined;
	private hasFailed = false;

	constructor(options: FileDecisionLogOptions) {
		this.options = options;
	}

	get candidates(): number {
		return this.options.candidates;
	}

	record(entries: readonly LogEntry[]): void {
		for (const entry of entries) {
			const line = logLine(entry);
			if (this.waitingBytes + line.length > MAX_WAITING_BYTES) {
				this.fail(`more than ${MAX_WAITING_BYTES / 2 ** 20} MiB wait to be written; entries are dropped`);
				break;
			}
			this.waiting.push(line);
			this.waitingBytes += line.length;
		}
		this.writing ??= this.write().finally(() => {
			this.writing = undefined;
		});
	}

	/** Waits until everything is written. */
	async close(): Promise<void> {
		await this.writing;
	}

	private async write(): Promise<void> {
		while (this.waiting.length > 0) {
			const lines = this.waiting;
			this.waiting = [];
			this.waitingBytes = 0;
			try {
				for (const piece of pieces(lines, this.options.maxBytes)) await this.append(piece);
				this.hasFailed = false;
			} catch (error) {
				this.size = undefined;
				this.fail(
					`${this.options.path} cannot be written (${codeOf(error)}); set decisionLog.path to a file in a folder that can be written`,
				);
			}
		}
	}

	private async append(text: string): Promise<void> {
		const { path, maxBytes } = this.options;
		const bytes = Buffer.byteLength(text);
		this.size ??= await this.begin();
		if (this.size > 0 && this.size + bytes > maxBytes) {
			await this.rotate();
			this.size = 0;
		}
		await appendFile(path, text);
		this.size += bytes;
	}

	/** Goes on with the file of an earlier process; gives its size. */
	private async begin(): Promise<number> {
		const { path } = this.options;
		await makeFolder(dirname(path));
		return stat(path).then(
			({ size }) => size,
			() => 0,
		);
	}

	private async rotate(): Promise<void> {
		const { path, keptFiles } = this.options;
		if (keptFiles === 0) return rm(path);
		for (let number = keptFiles - 1; number >= 1; number -= 1) {
			await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing);
		}
		await rename(path, `${path}.1`);
	}

	private fail(message: string): void {
		if (this.hasFailed) return;
		this.hasFailed = true;
		this.options.onFailure(message);
	}
}

function ignoreMissing(error: unknown): void {
	if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}

/** Lines together, as many as go into one file: a cycle's entries may be more than that. */
function* pieces(lines: readonly string[], maxBytes: number): Generator<string> {
	let text = "";
	for (const line of lines) {
		if (text !== "" && text.length + line.length > maxBytes) {
			yield text;
			text = "";
		}
		text += line;
	}
	if (text !== "") yield text;
}
