import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import { DEFAULT_CATALOGUE } from "../../src/config/default-catalogue.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import { useMlflow } from "./mlflow-support.ts";
import { history, historyPage, prometheusWith, runTraining, startTraining } from "./training-support.ts";

const MINUTE = 60_000;
const NAME = "latency-of-shops";

let folder: string;
let csv: string;
let runs: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "kubectl-qos-training-"));
	csv = join(folder, "history.csv");
	runs = join(folder, "runs");
	await writeFile(csv, history());
	// The environment is installed by whoever comes first.
	await runTraining(["train", "--family", "ets", "--csv", join(folder, "none.csv")]);
}, 5 * MINUTE);

afterAll(() => rm(folder, { recursive: true, force: true }));

function train(...args: readonly string[]) {
	return runTraining(["train", "--quick", "--runs", runs, ...args]);
}

describe("from a history to a model in service", () => {
	const stage = useMlflow();

	function register(family: string, ...args: readonly string[]) {
		const registration = ["--mlflow", stage.mlflow.url, "--register", NAME, "--alias", "Production"];
		return train("--family", family, "--csv", csv, "--column", "objective=latency", ...registration, ...args);
	}

	it("says in one line that MLflow cannot be reached", { timeout: MINUTE }, async () => {
		const nowhere = ["--mlflow", "http://127.0.0.1:1", "--register", NAME];
		const { code, stderr } = await train(
			"--family",
			"linear",
			"--csv",
			csv,
			"--column",
			"objective=latency",
			...nowhere,
		);
		expect(stderr).toMatch(/^linear: 2 of 2\nMLflow at http:\/\/127\.0\.0\.1:1 \S+ \S+ cannot be reached .*\n$/);
		expect(code).toBe(1);
	});

	it("registers a model with its figures, and gives it the alias", { timeout: MINUTE }, async () => {
		const { code, stdout, stderr } = await register("linear");
		expect(code, stderr).toBe(0);
		expect(stdout).toMatch(/avoids \d+\.\d % of persistence's error/);
		const version = await stage.client.getModelVersionByAlias(NAME, "Production");
		expect(version).toMatchObject({ version: "1", status: "READY" });
		expect(Object.fromEntries(version.tags)).toEqual({
			"qos.schema": "kubectl-qos.dev/model/v1",
			"qos.target": "latency",
			"qos.unit": "seconds",
			"qos.direction": "Minimize",
			"qos.sha256": expect.stringMatching(/^[0-9a-f]{64}$/) as string,
		});
		const runId = /mlflow-artifacts:\/.*\/([0-9a-f]{32})\/artifacts/.exec(
			await stage.client.downloadUri(NAME, "1"),
		)?.[1];
		const run = await stage.client.run(runId ?? "");
		expect(run).toMatchObject({ status: "FINISHED", name: NAME });
		expect(run.params.get("family")).toBe("linear");
		expect(run.metrics.get("mean_mae")).toBeLessThan(run.metrics.get("mean_mae_persistence") ?? 0);
	});

	it("goes on where it was: nothing is trained or registered twice", { timeout: MINUTE }, async () => {
		const { code, stdout, stderr } = await register("linear");
		expect(code, stderr).toBe(0);
		expect(stdout).toContain(`registered before: models:/${NAME}/1`);
		expect(stdout).toContain("alias Production stays: version 1 has it already");
		expect(stderr).not.toContain("linear: 2 of 2");
		await expect(stage.client.getModelVersion(NAME, "2")).rejects.toMatchObject({ failure: "NotFound" });
	});

	it(
		"gives the alias to another model if it beats the one in service, and says both figures",
		async () => {
			const { code, stdout, stderr } = await register("gradient-boosting");
			expect(code, stderr).toBe(0);
			const figures = /same test split (\S+) seconds .* version 1 in service (\S+) seconds/.exec(stdout);
			const [ours, theirs] = [Number(figures?.[1]), Number(figures?.[2])];
			expect(ours).toBeGreaterThan(0);
			expect(theirs).toBeGreaterThan(0);
			expect(ours).not.toBe(theirs);
			const holder = await stage.client.getModelVersionByAlias(NAME, "Production");
			expect(holder.version).toBe(ours < theirs ? "2" : "1");
			// Now the one that came first is the challenger: the better of the two keeps the alias.
			await register("linear");
			expect((await stage.client.getModelVersionByAlias(NAME, "Production")).version).toBe(holder.version);
		},
		2 * MINUTE,
	);
});

it("is accepted by the controller as a `file` model", { timeout: MINUTE }, async () => {
	const directory = join(folder, "models");
	const output = join(directory, "mine.onnx");
	const { code, stderr } = await train(
		"--family",
		"ets",
		"--csv",
		csv,
		"--column",
		"objective=latency",
		"--output",
		output,
	);
	expect(code, stderr).toBe(0);
	const catalogue = new MetricStore(DEFAULT_CATALOGUE, { steps: 10, stepSeconds: 30 });
	const registry = await FileModelRegistry.open({ catalogue, directory });
	const objective = {
		metric: "latency",
		direction: "Minimize",
		target: 0.3,
		horizonSeconds: 300,
		aggregate: "Max",
	} as const;
	expect(registry.resolve({ kind: "File", name: "mine" }, objective)).toMatchObject({ refused: false });
	await registry.close();
});

it("takes no note of hours at rest, and says which columns it does not use", { timeout: MINUTE }, async () => {
	const file = join(folder, "at-rest.csv");
	const resting = history().replaceAll(/^(1770000[23]\d\d,[^,]+),[^,]+/gm, "$1,0");
	expect(resting).not.toBe(history());
	await writeFile(file, resting.replace("node_cpu_utilization", "node_cpu_utilisation"));
	const { code, stdout, stderr } = await train("--family", "linear", "--csv", file, "--column", "objective=latency");
	expect(code, stderr).toBe(0);
	expect(stderr.split("\n")[0]).toBe(
		`${file}: no column for utilization (node_cpu_utilization) and rate (fps), not used: node_cpu_utilisation; if one is meant, pass --column ROLE=NAME`,
	);
	expect(stderr).not.toContain("Warning");
	expect(stdout).not.toContain("NaN");
});

it("learns of a metric to maximize", { timeout: MINUTE }, async () => {
	const of = ["--metric", "fps", "--direction", "Maximize", "--column", "objective=latency"];
	const { code, stdout, stderr } = await train("--family", "linear", "--csv", csv, ...of);
	expect(code, stderr).toBe(0);
	expect(stdout).toContain("frames_per_second");
});

describe("from Prometheus", () => {
	let prometheus: Awaited<ReturnType<typeof prometheusWith>>;

	beforeAll(async () => {
		prometheus = await prometheusWith(historyPage());
	}, 2 * MINUTE);

	afterAll(() => prometheus?.stop());

	function fromPrometheus(queries: readonly string[], ...more: readonly string[]) {
		const own = join(folder, "from-prometheus");
		const flags = queries.flatMap((query) => ["--query", query]);
		const given = [
			"--family",
			"linear",
			"--prometheus",
			prometheus.url,
			"--runs",
			own,
			...flags,
			...(more.includes("--last") ? [] : ["--last", "3h"]),
			...more,
		];
		return runTraining(["train", "--quick", ...given]);
	}

	it("takes the objective and what belongs to it", { timeout: MINUTE }, async () => {
		const output = join(folder, "from-prometheus.onnx");
		const queries = ["objective=app_latency_seconds", "utilization=app_node_load"];
		const { code, stdout, stderr } = await fromPrometheus(queries, "--output", output);
		expect(code, stderr).toBe(0);
		expect(stderr).toMatch(/history: \d{4} rows from Prometheus/);
		expect(stdout).toContain("| linear |");
		expect(await readFile(output, "latin1")).toContain("node_cpu_utilization_after_move");
	});

	it("says that there is no such series, and keeps nothing", { timeout: MINUTE }, async () => {
		const { code, stderr } = await fromPrometheus(["objective=nothing_of_the_kind"]);
		expect(stderr).toMatch(/^Prometheus at http\S+ has no series for the objective in the last 3 h; .*\n$/);
		expect(code).toBe(1);
		expect((await readdir(join(folder, "from-prometheus"))).filter((file) => file.startsWith("history"))).toEqual([]);
	});

	it("loads anew what was too short", { timeout: MINUTE }, async () => {
		const { code, stderr } = await fromPrometheus(["objective=app_latency_seconds"], "--last", "20m");
		expect(stderr).toMatch(/gives \d+ \w+ samples, .* give a longer history, of Prometheus by --last\n$/);
		expect(code).toBe(1);
		expect((await readdir(join(folder, "from-prometheus"))).filter((file) => file.startsWith("history"))).toEqual([]);
	});

	it("says that a query cannot be read", { timeout: MINUTE }, async () => {
		const { code, stderr } = await fromPrometheus(["objective=sum by (pod ("]);
		expect(stderr).toContain("parse error");
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect(code).toBe(1);
	});
});

it("goes on after an interruption with what it had", { timeout: 2 * MINUTE }, async () => {
	const own = join(folder, "interrupted");
	const args = ["train", "--family", "random-forest", "--csv", csv, "--column", "objective=latency", "--runs", own];
	const { child, finished } = startTraining(args);
	const stages = async () => {
		const [run = "none"] = await readdir(own).catch(() => []);
		return readdir(join(own, run, "stages")).catch(() => []);
	};
	await expect.poll(stages, { timeout: MINUTE, interval: 20 }).toContain("tree-0.pickle");
	child.kill("SIGINT");
	await once(child, "exit");
	expect((await finished).code).not.toBe(0);
	const kept = (await stages()).filter((file) => file.startsWith("tree-"));
	const [run = ""] = await readdir(own);
	expect(await readdir(join(own, run))).not.toContain("model.onnx");
	const first = await readFile(join(own, run, "stages", kept[0] ?? ""));
	const again = await runTraining(args);
	expect(again.code, again.stderr).toBe(0);
	expect((await readFile(join(own, run, "stages", kept[0] ?? ""))).equals(first)).toBe(true);
	expect(await readdir(join(own, run))).toContain("model.onnx");
});
