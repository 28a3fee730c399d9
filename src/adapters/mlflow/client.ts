import type { z } from "zod";
import { type MlflowCall, MlflowConnection, type MlflowConnectionOptions } from "./connection.ts";
import { MlflowError } from "./errors.ts";
import {
	artifactsAnswer,
	createdExperimentAnswer,
	downloadUriAnswer,
	type Experiment,
	emptyAnswer,
	experimentAnswer,
	type ModelVersion,
	modelVersionAnswer,
	type Run,
	runAnswer,
	runsAnswer,
} from "./schema.ts";

export type MlflowClientOptions = MlflowConnectionOptions;

export interface Metric {
	readonly key: string;
	/** May be NaN or infinite. */
	readonly value: number;
	/** ms since the epoch. */
	readonly timestamp: number;
	/** Default: 0. */
	readonly step?: number | undefined;
}

/** What one call adds to a run. A param can be set once; a metric and a tag again and again. */
export interface Batch {
	readonly metrics?: readonly Metric[] | undefined;
	readonly params?: Readonly<Record<string, string>> | undefined;
	readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface NewRun {
	readonly experimentId: string;
	readonly name?: string | undefined;
	/** ms since the epoch: without it a search by time never finds the run. */
	readonly startTime: number;
	readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface RunSearch {
	readonly experimentIds: readonly string[];
	/** In MLflow's language, `attributes.created > 1700000000000 and params.analysed != 'True'`. */
	readonly filter?: string | undefined;
	/** Such as `attributes.start_time DESC`, which is also the default. */
	readonly orderBy?: readonly string[] | undefined;
	/** Runs per request; default: 100. */
	readonly pageSize?: number | undefined;
}

const API = "/api/2.0/mlflow/";
const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts";
/** What one log-batch call takes. */
const LARGEST_BATCH = { metrics: 1000, params: 100, tags: 100 };

/** The REST API of an MLflow tracking server. Every method rejects with MlflowError: one line, no secrets. */
export class MlflowClient {
	private readonly connection: MlflowConnection;

	constructor(options: MlflowClientOptions) {
		this.connection = new MlflowConnection(options);
	}

	/** The server's address without credentials. */
	get trackingUri(): string {
		return this.connection.base;
	}

	/** The server as messages name it. */
	get address(): string {
		return this.connection.address;
	}

	/** The server's time at its last answer, ms since the epoch, to the second; `undefined` before it told any. */
	get serverTime(): number | undefined {
		return this.connection.serverTime;
	}

	/** `undefined` when there is none of that name. */
	async experimentByName(name: string): Promise<Experiment | undefined> {
		try {
			const answer = await this.get("experiments/get-by-name", { experiment_name: name }, experimentAnswer);
			return answer.experiment;
		} catch (error) {
			if (error instanceof MlflowError && error.failure === "NotFound") return undefined;
			throw error;
		}
	}

	/** Its id. Rejects with `AlreadyExists` when there is one of that name, a deleted one included. */
	async createExperiment(name: string): Promise<string> {
		const answer = await this.post("experiments/create", { name }, createdExperimentAnswer, { idempotent: false });
		return answer.experiment_id;
	}

	async createRun({ experimentId, name, startTime, tags = {} }: NewRun): Promise<Run> {
		const body = { experiment_id: experimentId, run_name: name, start_time: startTime, tags: keyValues(tags) };
		return (await this.post("runs/create", body, runAnswer, { idempotent: false })).run;
	}

	async run(runId: string): Promise<Run> {
		return (await this.get("runs/get", { run_id: runId }, runAnswer)).run;
	}

	/** Adds to a run, in as many calls as its size needs. */
	async logBatch(runId: string, { metrics = [], params = {}, tags = {} }: Batch): Promise<void> {
		const rest = { metrics: metrics.map(wireMetric), params: keyValues(params), tags: keyValues(tags) };
		while (rest.metrics.length + rest.params.length + rest.tags.length > 0) {
			const paramsNow = rest.params.splice(0, LARGEST_BATCH.params);
			const tagsNow = rest.tags.splice(0, LARGEST_BATCH.tags);
			// The sum is limited too.
			const metricsNow = rest.metrics.splice(0, LARGEST_BATCH.metrics - paramsNow.length - tagsNow.length);
			const body = { run_id: runId, metrics: metricsNow, params: paramsNow, tags: tagsNow };
			await this.post("runs/log-batch", body, emptyAnswer);
		}
	}

	async setTag(runId: string, key: string, value: string): Promise<void> {
		await this.post("runs/set-tag", { run_id: runId, key, value }, emptyAnswer);
	}

	/** `endTime` in ms since the epoch. */
	async updateRun(runId: string, update: { readonly status: string; readonly endTime: number }): Promise<void> {
		await this.post("runs/update", { run_id: runId, status: update.status, end_time: update.endTime }, emptyAnswer);
	}

	/**
	 * Runs page by page, as far as they are iterated. Pages are offsets: a run that is created meanwhile may make
	 * one come twice.
	 */
	async *searchRuns({ experimentIds, filter, orderBy, pageSize = 100 }: RunSearch): AsyncGenerator<Run> {
		let pageToken: string | undefined;
		do {
			const query = { filter, order_by: orderBy, max_results: pageSize, page_token: pageToken };
			const answer = await this.post("runs/search", { experiment_ids: experimentIds, ...query }, runsAnswer);
			yield* answer.runs;
			pageToken = answer.next_page_token;
		} while (pageToken !== undefined && pageToken !== "");
	}

	/** Rejects with `NotFound` when there is no such model or alias. */
	async getModelVersionByAlias(name: string, alias: string): Promise<ModelVersion> {
		try {
			return (await this.get("registered-models/alias", { name, alias }, modelVersionAnswer)).model_version;
		} catch (error) {
			throw asNotFound(error);
		}
	}

	/** Rejects with `NotFound` when there is no such model or version. */
	async getModelVersion(name: string, version: string): Promise<ModelVersion> {
		try {
			return (await this.get("model-versions/get", { name, version }, modelVersionAnswer)).model_version;
		} catch (error) {
			throw asNotFound(error);
		}
	}

	/** Where the files of a model version lie: `mlflow-artifacts:/...` where the server hands them out. */
	async downloadUri(name: string, version: string): Promise<string> {
		const answer = await this.get("model-versions/get-download-uri", { name, version }, downloadUriAnswer);
		return answer.artifact_uri;
	}

	/** Names of what lies in a folder of artifacts; of a file, none. */
	async listArtifacts(path: string): Promise<readonly string[]> {
		const call = {
			method: "GET",
			path: `${ARTIFACTS}?${new URLSearchParams({ path }).toString()}`,
			idempotent: true,
		} as const;
		return (await this.call(call, artifactsAnswer)).files;
	}

	/** The bytes of an artifact that the server hands out; `path` is what follows `mlflow-artifacts:/`. */
	downloadArtifact(path: string, { maxBytes }: { readonly maxBytes: number }): AsyncGenerator<Uint8Array> {
		const parts = path.split("/");
		// A model's description may name any file: it would lead out of the artifacts, to another page of the server.
		if (parts.some((part) => part === "." || part === "..")) {
			throw new MlflowError(`${path} is no path of an artifact`, "NotFound");
		}
		return this.connection.bytes(`${ARTIFACTS}/${parts.map(encodeURIComponent).join("/")}`, maxBytes);
	}

	/** Closes its connections; calls under way reject. */
	close(): Promise<void> {
		return this.connection.close();
	}

	private get<S extends z.ZodType>(call: string, query: Record<string, string>, schema: S): Promise<z.output<S>> {
		const path = `${API}${call}?${new URLSearchParams(query).toString()}`;
		return this.call({ method: "GET", path, idempotent: true }, schema);
	}

	private post<S extends z.ZodType>(
		call: string,
		body: unknown,
		schema: S,
		{ idempotent = true } = {},
	): Promise<z.output<S>> {
		return this.call({ method: "POST", path: API + call, body, idempotent }, schema);
	}

	private async call<S extends z.ZodType>(call: MlflowCall, schema: S): Promise<z.output<S>> {
		const parsed = schema.safeParse(await this.connection.json(call));
		if (parsed.success) return parsed.data;
		const [issue] = parsed.error.issues;
		throw new MlflowError(
			`the answer of ${this.address} to ${call.method} ${call.path.replace(/\?.*$/, "")} is not one of MLflow (${issue?.path.join(".")}: ${issue?.message}); check mlflow.trackingUri`,
			"ServerError",
		);
	}
}

/** MLflow says of a missing alias, and version 2 of a missing model, that a parameter is invalid. */
function asNotFound(error: unknown): unknown {
	if (!(error instanceof MlflowError) || error.failure !== "Refused" || !/not found/i.test(error.message)) return error;
	return new MlflowError(error.message, "NotFound");
}

function keyValues(record: Readonly<Record<string, string>>): { key: string; value: string }[] {
	return Object.entries(record).map(([key, value]) => ({ key, value }));
}

function wireMetric({ key, value, timestamp, step = 0 }: Metric): object {
	// JSON has no NaN and no infinity; protobuf's JSON writes them as strings.
	return { key, value: Number.isFinite(value) ? value : String(value), timestamp, step };
}
