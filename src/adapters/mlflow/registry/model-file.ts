import { parse } from "yaml";
import { z } from "zod";
import type { ModelRefusal } from "../../../core/model/model.ts";
import type { MlflowClient } from "../client.ts";
import { MlflowError } from "../errors.ts";
import type { ModelVersion } from "../schema.ts";
import { locate } from "./artifact-uri.ts";
import { digest } from "./digest.ts";

/** Models of this kind have kilobytes to a few megabytes. */
const LARGEST_MODEL = 256 * 2 ** 20;
const LARGEST_DESCRIPTION = 2 ** 20;
const EXTENSION = ".onnx";

/** Tag of a model version: the hex digest of its file, written when it was registered. */
const SHA256_TAG = "qos.sha256";

/** A file named MLmodel, as `mlflow.onnx.log_model` writes it. */
const description = z.object({ flavors: z.object({ onnx: z.object({ data: z.string().default("model.onnx") }) }) });

export interface ModelFile {
	readonly bytes: Uint8Array;
	readonly sha256: string;
}

/** The digest that the version's file must have; `undefined`: nobody said. */
export function expectedSha256({ tags }: ModelVersion): string | undefined {
	return tags.get(SHA256_TAG)?.trim().toLowerCase();
}

/**
 * Downloads the ONNX file of a model version. A refusal is about the file and stands until the version changes.
 * `label` names the version in it. Rejects with MlflowError when the server does not give the file.
 */
export async function downloadModel(
	client: MlflowClient,
	version: ModelVersion,
	label: string,
): Promise<ModelFile | ModelRefusal> {
	try {
		const path = await findFile(client, version, label);
		if (typeof path !== "string") return path;
		const bytes = await whole(client.downloadArtifact(path, { maxBytes: LARGEST_MODEL }));
		const sha256 = await digest(bytes);
		const expected = expectedSha256(version);
		if (expected === undefined || expected === sha256) return { bytes, sha256 };
		return refuse(
			"HashMismatch",
			`${label}: its file has sha256 ${sha256.slice(0, 12)}..., but its tag ${SHA256_TAG} says ${expected.slice(0, 12)}...; register it anew`,
		);
	} catch (error) {
		const failure = error instanceof MlflowError ? error.failure : undefined;
		if (failure === "TooLarge") {
			return refuse("Unreadable", `${label} is larger than ${LARGEST_MODEL / 2 ** 20} MiB; use a smaller model`);
		}
		if (failure === "NotFound")
			return refuse("NotFound", `${label} has no file: ${messageOf(error)}; register it anew`);
		throw error;
	}
}

async function findFile(client: MlflowClient, version: ModelVersion, label: string): Promise<string | ModelRefusal> {
	const uri = await client.downloadUri(version.name, version.version);
	const location = locate(uri, client.trackingUri);
	if (location.kind === "Run") {
		const { artifactUri } = await client.run(location.runId);
		const ofRun = locate(`${artifactUri}/${location.path}`, client.trackingUri);
		return ofRun.kind === "Served" ? fileAt(client, ofRun.path, label) : elsewhere(artifactUri, label);
	}
	return location.kind === "Served" ? fileAt(client, location.path, label) : elsewhere(uri, label);
}

/** `path` itself, or the model in the folder `path`. */
async function fileAt(client: MlflowClient, path: string, label: string): Promise<string | ModelRefusal> {
	if (path.endsWith(EXTENSION)) return path;
	const files = await client.listArtifacts(path);
	if (files.includes("MLmodel")) {
		const text = Buffer.from(
			await whole(client.downloadArtifact(`${path}/MLmodel`, { maxBytes: LARGEST_DESCRIPTION })),
		);
		const described = description.safeParse(parseYaml(text.toString("utf8")));
		if (described.success) return `${path}/${described.data.flavors.onnx.data}`;
		return refuse("Unreadable", `${label} is not an ONNX model (its MLmodel has no flavor onnx); log it as ONNX`);
	}
	const [model, ...others] = files.filter((file) => file.endsWith(EXTENSION));
	if (model !== undefined && others.length === 0) return `${path}/${model}`;
	const found = model === undefined ? `no file *${EXTENSION}` : `several files *${EXTENSION}`;
	return refuse("Unreadable", `${label} has ${found} in ${path}; register the ONNX file itself`);
}

function elsewhere(uri: string, label: string): ModelRefusal {
	const scheme = uri.split(":", 1)[0] ?? "";
	return refuse(
		"Unreadable",
		`${label} lies where MLflow does not hand it out (${scheme}:); start MLflow with --serve-artifacts and register it anew`,
	);
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const all: Uint8Array[] = [];
	for await (const chunk of chunks) all.push(chunk);
	return Buffer.concat(all);
}

function parseYaml(text: string): unknown {
	try {
		return parse(text);
	} catch {
		return undefined;
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function refuse(reason: ModelRefusal["reason"], message: string): ModelRefusal {
	return { refused: true, reason, message };
}
