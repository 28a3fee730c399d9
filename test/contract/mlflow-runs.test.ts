import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { MlflowRunSource } from "../../src/adapters/mlflow/tracking/run-source.ts";
import type { RecordedAnswer } from "../../src/core/model/model.ts";
import { latestPredictions } from "../../src/core/tracking/read.ts";
import { mlflowPython } from "../cluster/mlflow.ts";
import { waitFor } from "../cluster/wait.ts";
import { LATENCY, selector } from "../unit/tracking/records.ts";
import { useMlflow } from "./mlflow-support.ts";

const WINDOW = 600;

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).toReversed()) await close();
});

const stage = useMlflow();

/** A source that reads every 200 ms, with what it logs and what the core makes of it. */
function sourceOf(trackingUri: string, clock = Date.now) {
	const own = new MlflowClient({ trackingUri, timeout: 2 });
	const lines: string[] = [];
	const source = new MlflowRunSource({
		client: own,
		readEverySeconds: 0.2,
		clock,
		log: {
			info: (_fields, message) => lines.push(message),
			warn: (fields, message) => lines.push(`${message}: ${"reason" in fields ? String(fields.reason) : ""}`),
		},
	});
	closing.push(async () => {
		await source.stop();
		await own.close();
	});
	function latest(experiment: string): RecordedAnswer {
		return latestPredictions(source.newest(experiment, WINDOW), {
			selector: selector("reactive", { experiment, windowSeconds: WINDOW }),
			workload: "shop/web",
			objective: LATENCY,
			unit: "seconds",
			range: { min: 0, max: 3600 },
			now: clock(),
		});
	}
	async function until(experiment: string, is: (answer: RecordedAnswer) => boolean): Promise<RecordedAnswer> {
		const what = `predictions of ${experiment}`;
		await waitFor(async () => is(latest(experiment)), { what, timeoutMs: 15_000 });
		return latest(experiment);
	}
	return { source, lines, latest, until };
}

interface Saved {
	readonly startTime?: number;
	readonly status?: string;
	readonly params?: Readonly<Record<string, string>>;
	readonly value?: number;
}

/** Saves a run as Scanflow's pipeline does; resolves to its id. */
async function save(experiment: string, { startTime = Date.now(), status = "FINISHED", ...run }: Saved = {}) {
	const experimentId =
		(await stage.client.experimentByName(experiment))?.id ?? (await stage.client.createExperiment(experiment));
	const { id } = await stage.client.createRun({ experimentId, name: "team", startTime });
	const value = run.value ?? 0.25;
	const metrics = { qos_0: value, qos_1: 0.05, max_qos: value, max_idx: 0 };
	await stage.client.logBatch(id, {
		metrics: Object.entries(metrics).map(([key, logged]) => ({ key, value: logged, timestamp: startTime })),
		params: run.params ?? { cluster_0: "edge", cluster_1: "cloud", max_cluster: "edge" },
	});
	if (status !== "RUNNING") await stage.client.updateRun(id, { status, endTime: Date.now() });
	return id;
}

test("the newest finished run is read, and a newer one when there is one", async () => {
	const { until } = sourceOf(stage.mlflow.url);
	const first = await save("newest", { startTime: Date.now() - 60_000 });
	await until("newest", (answer) => answer.known && answer.run === first);
	await save("newest", { status: "RUNNING" });
	await save("newest", { status: "FAILED" });
	await save("newest", { startTime: Date.now() - 20_000, params: { last_stage_completed: "prediction" } });
	const second = await save("newest", { startTime: Date.now() - 30_000 });
	const answer = await until("newest", (found) => found.known && found.run !== first);
	expect(answer).toMatchObject({ run: second, isActedUpon: false });
});

test("no experiment, no run, and one too old: each in one line", async () => {
	const { until, latest } = sourceOf(stage.mlflow.url);
	expect(latest("none")).toEqual({ known: false, message: "predictions of experiment none were not read yet" });
	const told = (experiment: string, line: string) =>
		until(experiment, (answer) => !answer.known && answer.message === `experiment ${experiment} has ${line}`);
	await told("none", "no run of the last 10m");
	await save("old", { startTime: Date.now() - 700_000 });
	await told("old", "no run to go by (1 too old) of the last 10m");
});

test("NaN, as MLflow writes it, is no value", async () => {
	const { until } = sourceOf(stage.mlflow.url);
	await save("nan", { value: Number.NaN });
	const answer = await until("nan", ({ known }) => known);
	expect(answer).toMatchObject({ known: true, values: new Map([["cloud", { value: 0.05 }]]) });
});

test("acted on, a run is marked for all others, also when the server was down then", async () => {
	const { source, until, latest } = sourceOf(stage.mlflow.url);
	const id = await save("marked");
	await until("marked", ({ known }) => known);
	await stage.mlflow.kill();
	source.analysed(id);
	expect(latest("marked")).toMatchObject({ known: true, isActedUpon: true });
	await stage.mlflow.revive();
	const marked = async () => (await stage.client.run(id)).params.get("analysed") === "True";
	await waitFor(marked, { what: "the mark", timeoutMs: 15_000 });
	const another = sourceOf(stage.mlflow.url);
	await another.until("marked", (answer) => answer.known && answer.isActedUpon);
});

test("a server that goes and comes: what was read counts meanwhile, one line each way", async () => {
	const { lines, until, latest } = sourceOf(stage.mlflow.url);
	await save("outage");
	await until("outage", ({ known }) => known);
	await stage.mlflow.kill();
	await waitFor(async () => lines.length > 0, { what: "a line", timeoutMs: 15_000 });
	expect(latest("outage")).toMatchObject({ known: true });
	await stage.mlflow.revive();
	await waitFor(async () => lines.length > 1, { what: "another line", timeoutMs: 15_000 });
	expect(lines).toEqual([
		expect.stringMatching(/^predictions cannot be read: MLflow at .* cannot be reached \(ECONNREFUSED\)/),
		"predictions are read again",
	]);
});

test("clocks that differ by an hour: ages are those by the server's clock", async () => {
	const hour = 3_600_000;
	const { until } = sourceOf(stage.mlflow.url, () => Date.now() - hour);
	const id = await save("skewed");
	const answer = await until("skewed", ({ known }) => known);
	expect(answer).toMatchObject({ run: id });
	if (answer.known) expect(Math.abs(answer.madeAt - (Date.now() - hour))).toBeLessThan(30_000);
});

test("a run from the future is not believed", async () => {
	const { until } = sourceOf(stage.mlflow.url);
	await save("future", { startTime: Date.now() + 300_000 });
	const answer = await until("future", (found) => !found.known && found.message.includes("from the future"));
	expect(answer).toMatchObject({
		message: expect.stringMatching(/^experiment future has no run to go by \(1 from the/),
	});
});

test("10,000 old runs in the experiment are in nobody's way", async () => {
	const id = await save("many", { startTime: Date.now() - 3_600_000 });
	const rows = [
		"import sqlite3, sys",
		"database = sqlite3.connect(sys.argv[1], timeout=30)",
		"names = [row[1] for row in database.execute('PRAGMA table_info(runs)')]",
		"first = list(database.execute('SELECT * FROM runs WHERE run_uuid = ?', [sys.argv[2]]).fetchone())",
		"at = names.index('run_uuid')",
		"rows = [first[:at] + [f'{index:032x}'] + first[at + 1:] for index in range(10_000)]",
		"database.executemany('INSERT INTO runs VALUES (' + ', '.join('?' * len(names)) + ')', rows)",
		"database.commit()",
	];
	await promisify(execFile)(await mlflowPython(), ["-c", rows.join("\n"), join(stage.mlflow.dir, "mlflow.db"), id]);
	const { until } = sourceOf(stage.mlflow.url);
	const none = await until("many", (answer) => !answer.known && answer.message.includes("has no run"));
	expect(none).toMatchObject({ message: "experiment many has no run of the last 10m" });
	const newest = await save("many");
	expect(await until("many", ({ known }) => known)).toMatchObject({ run: newest });
});
