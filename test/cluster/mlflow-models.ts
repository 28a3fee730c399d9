/** Puts models into a real MLflow registry, as its own clients do it by the same calls. */

export interface NewModel {
	readonly name: string;
	/** By path below the run's artifacts. */
	readonly files: Readonly<Record<string, Uint8Array | string>>;
	/** What of it is registered, below the run's artifacts; default: the first file. */
	readonly path?: string;
	/** How the source names it; default: `mlflow-artifacts`. */
	readonly scheme?: "mlflow-artifacts" | "runs";
	readonly tags?: Readonly<Record<string, string>>;
}

/** Registers a model's next version and resolves to its number. */
export async function registerModel(url: string, model: NewModel): Promise<string> {
	const { run } = await call<{ run: { info: { run_id: string; artifact_uri: string } } }>(url, "runs/create", {
		experiment_id: "0",
		start_time: Date.now(),
	});
	const { run_id: runId, artifact_uri: artifacts } = run.info;
	for (const [path, content] of Object.entries(model.files)) {
		const target = `${artifacts.replace("mlflow-artifacts:", "/api/2.0/mlflow-artifacts/artifacts")}/${path}`;
		await send(url + target, { method: "PUT", body: typeof content === "string" ? content : Buffer.from(content) });
	}
	await call(url, "registered-models/create", { name: model.name }, { accepted: [400] });
	const path = model.path ?? Object.keys(model.files)[0] ?? "";
	const answer = await call<{ model_version: { version: string } }>(url, "model-versions/create", {
		name: model.name,
		source: model.scheme === "runs" ? `runs:/${runId}/${path}` : `${artifacts}/${path}`,
		run_id: runId,
		tags: Object.entries(model.tags ?? {}).map(([key, value]) => ({ key, value })),
	});
	return answer.model_version.version;
}

export async function setAlias(url: string, name: string, alias: string, version: string): Promise<void> {
	await call(url, "registered-models/alias", { name, alias, version });
}

export async function deleteAlias(url: string, name: string, alias: string): Promise<void> {
	await call(url, "registered-models/alias", { name, alias }, { method: "DELETE" });
}

async function call<T>(
	url: string,
	path: string,
	body: object,
	{ method = "POST", accepted = [] }: { readonly method?: string; readonly accepted?: readonly number[] } = {},
): Promise<T> {
	const headers = { "content-type": "application/json" };
	const request = { method, headers, body: JSON.stringify(body) };
	return JSON.parse(await send(`${url}/api/2.0/mlflow/${path}`, request, accepted));
}

async function send(url: string, request: RequestInit, accepted: readonly number[] = []): Promise<string> {
	const response = await fetch(url, request);
	const text = await response.text();
	if (response.ok || accepted.includes(response.status)) return text;
	throw new Error(`${request.method} ${url}: ${response.status} ${text}`);
}
