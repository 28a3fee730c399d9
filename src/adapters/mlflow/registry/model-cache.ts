import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { codeOf, makeFolder } from "../../../files/folder.ts";
import { digest } from "./digest.ts";

const remembered = z.object({
	/** What was asked for. */
	uri: z.string(),
	/** The registry's version that it was then. */
	version: z.string(),
	/** What told that version from others. */
	identity: z.string(),
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The last good model of one `models:/...`. */
export type Remembered = z.output<typeof remembered>;

export interface ModelCacheOptions {
	readonly directory: string;
	/** Size from which on the models not used for longest are removed. */
	readonly maxBytes: number;
	/** Told once, until it works again, why nothing can be kept. */
	readonly onFailure: (message: string) => void;
}

const MODEL = /^([0-9a-f]{64})\.onnx$/;
const PARTIAL = ".partial-";
/** Nobody is writing these any more. */
const STALE_PARTIAL_MS = 60 * 60_000;

/**
 * Models by their digest, and which one was good last, in files that are only ever replaced whole. Several processes may
 * share it. No method rejects: without a disk, models are fetched again after a restart.
 */
export class ModelCache {
	private readonly options: ModelCacheOptions;
	private failed = false;

	constructor(options: ModelCacheOptions) {
		this.options = options;
	}

	/** The file with this digest; `undefined` when it is not there or is damaged. */
	async read(sha256: string): Promise<Uint8Array | undefined> {
		const file = this.modelFile(sha256);
		try {
			const bytes = await readFile(file);
			if ((await digest(bytes)) === sha256) {
				await touch(file);
				return bytes;
			}
			await rm(file, { force: true });
		} catch {
			// Not there.
		}
		return undefined;
	}

	/** Keeps a model; those of `inUse` (digests) are not removed for it. */
	async write(sha256: string, bytes: Uint8Array, inUse: ReadonlySet<string>): Promise<void> {
		await this.attempt(async () => {
			await this.replace(this.modelFile(sha256), bytes);
			await this.shrink(new Set([...inUse, sha256]));
		});
	}

	/** @param server address of the tracking server: two of them may know the same names */
	async recall(server: string, uri: string): Promise<Remembered | undefined> {
		try {
			const parsed = remembered.safeParse(JSON.parse(await readFile(this.rememberedFile(server, uri), "utf8")));
			return parsed.success && parsed.data.uri === uri ? parsed.data : undefined;
		} catch {
			return undefined;
		}
	}

	async remember(server: string, model: Remembered): Promise<void> {
		await this.attempt(() => this.replace(this.rememberedFile(server, model.uri), JSON.stringify(model)));
	}

	private modelFile(sha256: string): string {
		return join(this.options.directory, `${sha256}.onnx`);
	}

	private rememberedFile(server: string, uri: string): string {
		const key = createHash("sha256").update(`${server}\n${uri}`).digest("hex").slice(0, 32);
		return join(this.options.directory, `${key}.json`);
	}

	private async replace(file: string, content: Uint8Array | string): Promise<void> {
		await makeFolder(this.options.directory, 0o700);
		const partial = `${file}${PARTIAL}${randomBytes(6).toString("hex")}`;
		try {
			await writeFile(partial, content, { flush: true, mode: 0o600 });
			await rename(partial, file);
		} finally {
			await rm(partial, { force: true });
		}
	}

	private async shrink(keep: ReadonlySet<string>): Promise<void> {
		const models: { file: string; sha256: string; size: number; usedAt: number }[] = [];
		for (const name of await readdir(this.options.directory)) {
			const file = join(this.options.directory, name);
			const stats = await stat(file).catch(() => undefined);
			if (!stats) continue;
			const sha256 = MODEL.exec(name)?.[1];
			if (sha256 !== undefined) models.push({ file, sha256, size: stats.size, usedAt: stats.mtimeMs });
			else if (name.includes(PARTIAL) && Date.now() - stats.mtimeMs > STALE_PARTIAL_MS) await rm(file, { force: true });
		}
		let total = models.reduce((sum, { size }) => sum + size, 0);
		for (const { file, sha256, size } of models.toSorted((left, right) => left.usedAt - right.usedAt)) {
			if (total <= this.options.maxBytes) return;
			if (keep.has(sha256)) continue;
			await rm(file, { force: true });
			total -= size;
		}
	}

	private async attempt(work: () => Promise<void>): Promise<void> {
		try {
			await work();
			this.failed = false;
		} catch (error) {
			if (this.failed) return;
			this.failed = true;
			this.options.onFailure(
				`models cannot be kept in ${this.options.directory} (${codeOf(error)}); set mlflow.registry.cacheDirectory to a folder that can be written`,
			);
		}
	}
}

async function touch(file: string): Promise<void> {
	const now = new Date();
	await utimes(file, now, now).catch(() => undefined);
}
