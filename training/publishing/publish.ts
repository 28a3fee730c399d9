import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { MlflowPublisher } from "../../src/adapters/mlflow/publishing.ts";
import { replaceFile } from "../command/run.ts";
import type { Registration, TrainSettings } from "../command/settings.ts";
import type { Judged } from "../evaluation/judge.ts";
import { decideAlias } from "./alias.ts";
import { logRun } from "./run.ts";

/** What goes beside the model. */
export interface Report {
	readonly comparison: { readonly table: string; readonly plot: string };
	readonly settings: TrainSettings;
}

export interface Tracking {
	readonly client: MlflowClient;
	readonly publisher: MlflowPublisher;
}

const published = z.object({ version: z.string() });

/** Registers a model in MLflow, unless this run has done so before, and decides whether it gets the alias. */
export async function publish(ours: Judged, registration: Registration, report: Report): Promise<void> {
	const { mlflow, name, alias } = registration;
	const tracking = { client: new MlflowClient(mlflow), publisher: new MlflowPublisher(mlflow) };
	try {
		const version =
			(await earlier(ours, registration, tracking)) ?? (await register(ours, registration, report, tracking));
		if (alias === undefined) return;
		const { isBetter, reason } = await decideAlias(ours, { name, alias, version }, tracking.client);
		if (isBetter) await tracking.publisher.setAlias(name, alias, version);
		console.log(
			`${isBetter ? `models:/${name}@${alias} is version ${version} now` : `alias ${alias} stays`}: ${reason}`,
		);
	} finally {
		await Promise.all([tracking.client.close(), tracking.publisher.close()]);
	}
}

/** The version that an interrupted or earlier run has made of this very model. */
async function earlier(
	ours: Judged,
	{ mlflow, name }: Registration,
	{ client }: Tracking,
): Promise<string | undefined> {
	try {
		const text = await readFile(markOf(ours, mlflow.trackingUri, name), "utf8");
		const { version } = published.parse(JSON.parse(text));
		await client.getModelVersion(name, version);
		console.log(`registered before: models:/${name}/${version}`);
		return version;
	} catch {
		// Not registered, or the server has lost it.
		return undefined;
	}
}

async function register(ours: Judged, registration: Registration, report: Report, tracking: Tracking): Promise<string> {
	const { mlflow, name } = registration;
	const { metadata, reference } = ours.model;
	const run = await logRun(ours, report, tracking);
	await tracking.publisher.registerModel(name);
	const version = await tracking.publisher.createModelVersion({
		name,
		source: run.source,
		runId: run.id,
		description: `${ours.run.family}, trained by kubectl-qos`,
		tags: {
			"qos.schema": metadata.schema,
			"qos.target": metadata.target.metric,
			"qos.unit": metadata.target.unit,
			"qos.direction": metadata.target.direction,
			"qos.sha256": reference.sha256,
		},
	});
	await replaceFile(markOf(ours, mlflow.trackingUri, name), JSON.stringify({ version }));
	console.log(`registered: models:/${name}/${version}`);
	return version;
}

function markOf({ run }: Judged, trackingUri: string, name: string): string {
	const { host, pathname } = new URL(trackingUri);
	return join(run.folder, `registered-${encodeURIComponent(`${host}${pathname} ${name}`)}.json`);
}
