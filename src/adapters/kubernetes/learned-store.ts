import { z } from "zod";
import { type LearnedState, STATE_VERSION } from "../../core/calibration/state.ts";
import type { LearnedStore } from "../../core/calibration/store.ts";
import { parseJson } from "../../http/json.ts";
import { type KubernetesConnection, MERGE_PATCH } from "./connection.ts";
import { ApiError } from "./errors.ts";
import type { Log } from "./log.ts";
import { objectPath } from "./paths.ts";
import { Reflector } from "./reflector.ts";

export interface LearnedStoreOptions {
	readonly connection: KubernetesConnection;
	readonly namespace: string;
	/** Name of the ConfigMap. */
	readonly name: string;
	readonly log: Log;
}

/** Key of the ConfigMap's data. */
const KEY = "learned.json";

const index = z.int().nonnegative();
const logarithm = z.number().min(-50).max(50);
const weight = z.number().positive().max(1e6);
const seconds = z.number().min(-1).max(1e11);
const residual = z.tuple([index, index, logarithm, z.number().min(0).max(50), weight]).readonly();
const reach = [logarithm, logarithm] as const;
const scaled = [...reach, z.number().positive().max(1e6), weight.or(z.literal(0))] as const;

const stateSchema: z.ZodType<LearnedState> = z.strictObject({
	version: z.literal(STATE_VERSION),
	workloads: z.array(z.string()).readonly(),
	nodes: z.array(z.string()).readonly(),
	families: z
		.array(
			z.strictObject({
				basis: z.string(),
				all: z.tuple(scaled).readonly(),
				arrivals: z.tuple(reach).readonly(),
				workloads: z.array(z.tuple([index, seconds, ...scaled]).readonly()).readonly(),
				pairs: z.array(z.tuple([index, index, seconds, ...reach]).readonly()).readonly(),
				staying: z.array(residual).readonly(),
				arriving: z.array(residual).readonly(),
			}),
		)
		.readonly(),
	visits: z.array(residual).readonly(),
});

const configMapSchema = z.object({
	/** The API server's versions are numbers that grow. */
	metadata: z.object({ resourceVersion: z.string().regex(/^\d+$/) }),
	data: z.record(z.string(), z.string()).nullish(),
});

/** What is learned, as JSON in a ConfigMap of the controller's namespace. */
export class KubernetesLearnedStore implements LearnedStore {
	private readonly options: LearnedStoreOptions;
	private readonly collection: string;
	private reflector: Reflector | undefined;
	/** Of the ConfigMap as it was seen or written last; absent: there is none. */
	private resourceVersion: string | undefined;
	/** What this process wrote last: it need not be told of it. */
	private written: string | undefined;

	constructor(options: LearnedStoreOptions) {
		this.options = options;
		this.collection = objectPath("/api/v1", options.namespace, "configmaps");
	}

	watch(onState: (state: LearnedState | undefined) => void): () => Promise<void> {
		const { connection, namespace, name, log } = this.options;
		const key = `${namespace}/${name}`;
		const reflector = new Reflector({
			connection,
			log,
			path: this.collection,
			fieldSelector: `metadata.name=${name}`,
			sink: {
				put: (_, object) => this.take(object, onState),
				remove: () => {
					this.resourceVersion = undefined;
					onState(undefined);
				},
				keys: () => (this.resourceVersion === undefined ? [] : [key]),
			},
		});
		this.reflector = reflector;
		reflector.start();
		return () => reflector.stop();
	}

	ready(): boolean {
		return this.reflector?.ready ?? false;
	}

	async write(state: LearnedState): Promise<boolean> {
		const { connection, namespace, name, log } = this.options;
		this.written = JSON.stringify(state);
		const data = { [KEY]: this.written };
		const { resourceVersion } = this;
		try {
			const answer = await connection.request(
				resourceVersion === undefined
					? {
							method: "POST",
							path: this.collection,
							body: {
								apiVersion: "v1",
								kind: "ConfigMap",
								metadata: { name, namespace, labels: { "app.kubernetes.io/name": "kubectl-qos" } },
								data,
							},
						}
					: {
							method: "PATCH",
							path: objectPath("/api/v1", namespace, "configmaps", name),
							contentType: MERGE_PATCH,
							body: { metadata: { resourceVersion }, data },
						},
			);
			this.resourceVersion = configMapSchema.parse(answer).metadata.resourceVersion;
			return true;
		} catch (error) {
			// Another wrote, or deleted it: the watch tells of that.
			if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return false;
			const message = error instanceof Error ? error.message : String(error);
			log.warn({ configMap: `${namespace}/${name}`, error: message }, "what was learned is not saved");
			return false;
		}
	}

	private take(object: unknown, onState: (state: LearnedState) => void): void {
		const { metadata, data } = configMapSchema.parse(object);
		// The watch tells of one's own write late, when the next one may have been made.
		if (this.resourceVersion !== undefined && BigInt(metadata.resourceVersion) <= BigInt(this.resourceVersion)) return;
		this.resourceVersion = metadata.resourceVersion;
		const text = data?.[KEY];
		if (text !== undefined && text === this.written) return;
		const read = stateSchema.safeParse(text === undefined ? undefined : parseJson(text));
		if (read.success) return onState(read.data);
		const { namespace, name, log } = this.options;
		const [issue] = read.error.issues;
		const problem = `${KEY}: ${[...(issue?.path ?? []), issue?.message].join(" ")}`;
		log.warn({ configMap: `${namespace}/${name}`, problem }, "what was learned cannot be read: learning starts afresh");
	}
}
