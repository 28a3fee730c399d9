import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { KubernetesConnection } from "./connection.ts";
import { ApiError } from "./errors.ts";
import type { Log } from "./log.ts";

/** What a reflector keeps true: the set of objects, each by its key. */
export interface Sink {
	/** An object that is new or changed, as the API server sent it. */
	put(key: string, object: unknown): void;
	remove(key: string): void;
	/** Keys of all objects that are kept. */
	keys(): Iterable<string>;
}

export interface ReflectorOptions {
	readonly connection: KubernetesConnection;
	/** Path of the collection, all namespaces or one. */
	readonly path: string;
	readonly fieldSelector?: string | undefined;
	/** Objects come without spec and status, which their consumer does not need. */
	readonly metadataOnly?: boolean;
	readonly sink: Sink;
	readonly log: Log;
}

const PAGE = 500;
const MAX_BACKOFF_MS = 15_000;

const listSchema = z.object({
	metadata: z.object({ resourceVersion: z.string(), continue: z.string().default("") }),
	items: z.array(z.unknown()).nullable(),
});
const eventSchema = z.object({
	type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
	object: z.unknown(),
});
const objectSchema = z.object({
	metadata: z.object({ namespace: z.string().default(""), name: z.string(), resourceVersion: z.string().default("") }),
});
/** A bookmark is an object of the collection's kind with nothing but a version. */
const bookmarkSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const errorSchema = z.object({
	code: z.number().default(0),
	reason: z.string().default(""),
	message: z.string().default(""),
});

/** `namespace/name`, or `name` of an object without a namespace. */
function keyOf({ metadata: { namespace, name } }: z.output<typeof objectSchema>): string {
	return namespace === "" ? name : `${namespace}/${name}`;
}

/** Keeps a sink like a collection of the API server: one list, then a watch, and over again as needed. */
export class Reflector {
	private readonly options: ReflectorOptions;
	private readonly stopping = new AbortController();
	/** Where the next watch goes on; absent: list first. */
	private resourceVersion: string | undefined;
	private listed = false;
	private live = false;
	/** When the sink was last known to be current, ms of the monotonic clock. */
	private heardAt = Number.NEGATIVE_INFINITY;
	private failures = 0;
	private reported: string | undefined;
	private running: Promise<void> | undefined;

	constructor(options: ReflectorOptions) {
		this.options = options;
	}

	start(): void {
		this.running ??= this.run();
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		await this.running;
	}

	/** The first list is complete. */
	get ready(): boolean {
		return this.listed;
	}

	/** 0 while the watch stands, then the seconds since it last did; infinite before the first list. */
	ageSeconds(): number {
		return this.live ? 0 : (performance.now() - this.heardAt) / 1000;
	}

	private async run(): Promise<void> {
		const { signal } = this.stopping;
		while (!signal.aborted) {
			try {
				if (this.resourceVersion === undefined) await this.list();
				await this.follow();
				this.failures = 0;
				// The server ends every watch after a while; many clients must not come back at once.
				await this.pause(Math.random() * 250);
			} catch (error) {
				if (!signal.aborted) await this.recover(error);
			}
		}
	}

	private async recover(error: unknown): Promise<void> {
		const { path, log } = this.options;
		if (error instanceof ApiError && (error.status === 410 || error.reason === "Expired")) {
			this.resourceVersion = undefined;
		} else {
			this.failures++;
			const message = error instanceof Error ? error.message : String(error);
			if (this.reported !== message) log.warn({ path, error: message }, "watch lost, trying again");
			this.reported = message;
		}
		await this.pause(Math.min(MAX_BACKOFF_MS, 200 * 2 ** Math.min(this.failures, 10)) * (0.5 + Math.random() / 2));
	}

	private async pause(milliseconds: number): Promise<void> {
		await sleep(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
	}

	private async list(): Promise<void> {
		const { sink } = this.options;
		const gone = new Set(sink.keys());
		let next: string | undefined;
		let version: string;
		do {
			const answer = await this.options.connection.request({
				path: this.options.path,
				query: { limit: PAGE, continue: next, fieldSelector: this.options.fieldSelector },
				signal: this.stopping.signal,
				timeoutSeconds: 60,
				accept: this.accept("List"),
			});
			const { metadata, items } = listSchema.parse(answer);
			for (const item of items ?? []) {
				const key = keyOf(objectSchema.parse(item));
				gone.delete(key);
				sink.put(key, item);
			}
			version = metadata.resourceVersion;
			next = metadata.continue === "" ? undefined : metadata.continue;
		} while (next !== undefined);
		for (const key of gone) sink.remove(key);
		this.resourceVersion = version;
		this.heardAt = performance.now();
		this.listed = true;
	}

	private async follow(): Promise<void> {
		const { connection, path, fieldSelector, log } = this.options;
		const events = await connection.watch({
			path,
			query: {
				watch: "true",
				allowWatchBookmarks: "true",
				resourceVersion: this.resourceVersion,
				timeoutSeconds: 300 + Math.floor(Math.random() * 300),
				fieldSelector,
			},
			accept: this.accept(""),
			signal: this.stopping.signal,
		});
		if (this.reported !== undefined) log.info({ path }, "watch stands again");
		this.reported = undefined;
		this.failures = 0;
		this.live = true;
		this.heardAt = performance.now();
		try {
			for await (const event of events) {
				this.take(event);
				this.heardAt = performance.now();
			}
			this.heardAt = performance.now();
		} finally {
			this.live = false;
		}
	}

	private accept(suffix: "" | "List"): string | undefined {
		if (this.options.metadataOnly !== true) return undefined;
		return `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`;
	}

	private take(event: unknown): void {
		const { type, object } = eventSchema.parse(event);
		if (type === "ERROR") {
			const { code, reason, message } = errorSchema.parse(object);
			throw new ApiError(`watch ${this.options.path}: ${code} ${reason}: ${message}`, { status: code, reason });
		}
		if (type === "BOOKMARK") {
			this.resourceVersion = bookmarkSchema.parse(object).metadata.resourceVersion;
			return;
		}
		const read = objectSchema.parse(object);
		if (type === "DELETED") this.options.sink.remove(keyOf(read));
		else this.options.sink.put(keyOf(read), object);
		this.resourceVersion = read.metadata.resourceVersion;
	}
}
