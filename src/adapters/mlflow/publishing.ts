import type { z } from "zod";
import { MlflowConnection, type MlflowConnectionOptions } from "./connection.ts";
import { MlflowError } from "./errors.ts";
import { emptyAnswer, modelVersionAnswer } from "./schema.ts";

const API = "/api/2.0/mlflow/";
const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/";
const PROXIED = /^mlflow-artifacts:\/*(?:\/\/[^/]*\/)?(.*)$/;

/** The part of MLflow's REST API that puts models into the registry. Every method rejects with MlflowError. */
export class MlflowPublisher {
	private readonly connection: MlflowConnection;

	constructor(options: MlflowConnectionOptions) {
		this.connection = new MlflowConnection(options);
	}

	/** Puts a file below the artifacts of a run; `artifactUri` is the run's. */
	async putArtifact(artifactUri: string, path: string, bytes: Uint8Array): Promise<void> {
		const root = PROXIED.exec(artifactUri)?.[1];
		if (root === undefined) {
			throw new MlflowError(
				`${this.connection.address} keeps artifacts at ${artifactUri}, where it does not take them itself; start it with --serve-artifacts`,
				"Refused",
			);
		}
		const encoded = `${root.replace(/\/+$/, "")}/${path}`.split("/").map(encodeURIComponent).join("/");
		await this.connection.put(ARTIFACTS + encoded, bytes);
	}

	/** Makes sure that there is a registered model of this name. */
	async registerModel(name: string): Promise<void> {
		try {
			await this.post("registered-models/create", { name }, emptyAnswer);
		} catch (error) {
			if (!(error instanceof MlflowError && error.failure === "AlreadyExists")) throw error;
		}
	}

	/** Makes a version of a registered model from the artifacts at `source`, which are the run's; its number. */
	async createModelVersion(version: {
		readonly name: string;
		readonly source: string;
		readonly runId: string;
		readonly description: string;
		readonly tags: Readonly<Record<string, string>>;
	}): Promise<string> {
		const { runId, tags, ...rest } = version;
		const body = { ...rest, run_id: runId, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
		const { model_version: made } = await this.post("model-versions/create", body, modelVersionAnswer);
		return made.version;
	}

	async setAlias(name: string, alias: string, version: string): Promise<void> {
		await this.post("registered-models/alias", { name, alias, version }, emptyAnswer);
	}

	/** Closes its connections. */
	close(): Promise<void> {
		return this.connection.close();
	}

	private async post<S extends z.ZodType>(call: string, body: unknown, schema: S): Promise<z.output<S>> {
		const answer = await this.connection.json({ method: "POST", path: API + call, body, idempotent: false });
		const parsed = schema.safeParse(answer);
		if (parsed.success) return parsed.data;
		throw new MlflowError(`the answer of ${this.connection.address} to ${call} is not one of MLflow`, "ServerError");
	}
}
