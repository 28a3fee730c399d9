import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { CONTRACT, lastValue } from "../unit/onnx/model-files.ts";
import { startController } from "./harness/controller.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import type { Run } from "./harness/plugin.ts";
import { useStage } from "./harness/stage.ts";
import { moreRuns, nodeOf } from "./harness/workloads.ts";

const MAIN = join(import.meta.dirname, "../../cmd/qos-controller/main.ts");
const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-bad-input-"));
const [latency] = CONTRACT.features;

writeFileSync(join(folder, "garbage.onnx"), "this is no model");
writeFileSync(join(folder, "half.onnx"), lastValue().subarray(0, 300));
writeFileSync(join(folder, "other-shape.onnx"), lastValue({ ...CONTRACT, window: 3 }));
writeFileSync(join(folder, "other-schema.onnx"), lastValue({ ...CONTRACT, schema: "somebody.else/v7" }));
writeFileSync(
	join(folder, "other-feature.onnx"),
	lastValue({ ...CONTRACT, features: [{ ...latency, name: "moon_phase", unit: "ratio" }] }),
);
writeFileSync(join(folder, "other-unit.onnx"), lastValue({ ...CONTRACT, features: [{ ...latency, unit: "days" }] }));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 3 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
	configuration: {
		models: { directory: folder },
		metrics: {
			step: "1s",
			catalogue: {
				broken: { query: "sum(http_requests_total", scope: "Workload", unit: "ratio" },
				clashing: {
					query: "node_memory_MemTotal_bytes * on () node_memory_MemAvailable_bytes",
					scope: "Node",
					unit: "bytes",
					labels: { node: "node" },
				},
			},
		},
	},
});

/** Runs the controller until it ends by itself. */
async function run(args: readonly string[]): Promise<Run> {
	const child = spawn(process.execPath, [MAIN, ...args], { timeout: 90_000, stdio: ["ignore", "pipe", "pipe"] });
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code, stdout, stderr };
}

function file(name: string, content: string): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

const GOOD = "prometheus: { url: http://127.0.0.1:9 }\n";

/** A process that ended by itself with one line on stderr and nothing else; resolves to the line. */
async function refusal(args: readonly string[]): Promise<string> {
	const { code, stdout, stderr } = await run(args);
	expect({ args, code, stdout, stderr }).toEqual({
		args,
		code: 1,
		stdout: "",
		stderr: expect.stringMatching(/^error: [^\n]+\n$/),
	});
	return stderr;
}

describe("a controller that cannot start", () => {
	const CONFIGURATIONS: readonly [content: string, message: string][] = [
		[`${GOOD}metrics: { stepp: 1s }\n`, 'metrics: unknown field "stepp"'],
		[`${GOOD}health: { port: http }\n`, "health.port: "],
		["prometheus: {\n", "not valid YAML"],
		["logLevel: info\n", "prometheus: "],
	];

	it("says in one line what is wrong with its configuration", { timeout: 180_000 }, async () => {
		await Promise.all(
			CONFIGURATIONS.map(async ([content, message], index) => {
				const config = file(`config-${index}.yaml`, content);
				const line = await refusal(["--config", config]);
				expect(line).toContain(config);
				expect(line).toContain(message);
			}),
		);
		expect(await refusal(["--config", join(folder, "nowhere.yaml")])).toContain("nowhere.yaml");
	});

	it("says in one line that it cannot use its kubeconfig", { timeout: 180_000 }, async () => {
		const good = ["--config", file("good.yaml", GOOD)];
		const refused = [
			["--kubeconfig", join(folder, "nowhere")],
			["--kubeconfig", file("garbage", "{ clusters: [")],
			["--kubeconfig", file("empty", "")],
			["--kubeconfig", stage.cluster.kubeconfig, "--context", "elsewhere"],
		];
		await Promise.all(
			refused.map(async ([flag = "", path = "", ...context]) => {
				expect(await refusal([...good, flag, path, ...context])).toContain(context[1] ?? path);
			}),
		);
	});
});

describe("policies that cannot be followed", () => {
	const CASES: readonly [name: string, spec: Record<string, unknown>, reason: string, message: string][] = [
		[
			"metric",
			{ objective: { metric: "happiness" } },
			"ModelSchemaMismatch",
			"happiness is not in the metric catalogue",
		],
		["missing", { model: { file: "nowhere" } }, "ModelNotFound", "there is no nowhere.onnx in "],
		["garbage", { model: { file: "garbage" } }, "ModelUnreadable", "garbage.onnx"],
		["truncated", { model: { file: "half" } }, "ModelUnreadable", "half.onnx is not a complete ONNX model"],
		["shape", { model: { file: "other-shape" } }, "ModelSchemaMismatch", "its input is [batch, 2, 1], but"],
		["schema", { model: { file: "other-schema" } }, "ModelSchemaMismatch", "other-schema.onnx"],
		["feature", { model: { file: "other-feature" } }, "ModelSchemaMismatch", "moon_phase"],
		["unit", { model: { file: "other-unit" } }, "ModelUnitMismatch", "days"],
		["builtin", { model: { builtin: "oracle" } }, "ModelNotFound", "there is no built-in model oracle"],
		["mlflow", { model: { mlflow: { name: "m", alias: "champion" } } }, "ModelUnreachable", "MLflow is not configured"],
	];

	it("say so in a condition of one line each, and nothing is done", async () => {
		await stage.apply(
			...CASES.flatMap(([name, spec]) => [
				namespace(name),
				policy(name, spec),
				deployment({ namespace: name, name: "web", cpu: "100m" }),
			]),
		);
		for (const [name, , reason, message] of CASES) {
			await stage.waitUntil(`policy ${name} says what is wrong`, async () => {
				const { status } = await stage.api.get("QoSPolicy", name, "fast");
				const ready = status?.conditions?.find(({ type }) => type === "Ready");
				expect(ready).toMatchObject({ status: "False", reason, message: expect.stringContaining(message) });
				expect(ready?.message).not.toContain("\n");
				const told = await logged("policy is not in force");
				expect(told.filter((line) => line["policy"] === `${name}/fast`)).toHaveLength(1);
				const report = (await stage.api.get("QoSReport", name, "web")).status;
				expect(report?.decision).toMatchObject({ action: "Unknown", reason: "ModelRefused" });
				expect(report?.current.predicted).toBeUndefined();
				return true;
			});
		}
		stage.world.update({ nodes: { "node-1": { background: 7.5 } } });
		await moreRuns(stage, "rebalance", 3);
		expect(await stage.api.list("QoSMigration", "")).toEqual([]);
		expect(await stage.metric("kubectl_qos_admission_total", { result: "applied" })).toBe(0);
		for (const [name] of CASES) expect(await nodeOf(stage, name, "web")).toMatch(/^node-/);
	});

	it("are refused by the API server where their schema says so, with what to write instead", async () => {
		const refusals: [Record<string, unknown>, string][] = [
			[{ objective: { direction: "Up" } }, 'spec.objective.direction: Unsupported value: "Up"'],
			[{ objective: { target: "fast" } }, "target is a Quantity above zero in the metric's unit"],
			[{ model: { builtin: "headroom", file: "x" } }, "set exactly one of builtin, file, mlflow and predictions"],
			[{ rebalance: { cooldown: "15" } }, "must be a duration such as 30s, 15m or 1h30m"],
			[{ model: { file: "../../etc/passwd" } }, "and no path"],
		];
		for (const [spec, message] of refusals) {
			await expect(stage.apply(policy("default", spec))).rejects.toThrow(message);
		}
		expect(await stage.api.list("QoSPolicy", "default")).toEqual([]);
	});
});

/** The controller's log lines with a message. */
async function logged(message: string): Promise<readonly Record<string, unknown>[]> {
	const lines = ((await stage.controllers[0]?.log()) ?? "").split("\n");
	return lines.filter((line) => line.includes(`"msg":"${message}"`)).map((line) => JSON.parse(line));
}

/** Log lines at warning level that name a metric. */
function complaints(log: string, metric: string): readonly { metrics: string[]; message?: string }[] {
	return log
		.split("\n")
		.filter((line) => line.includes('"metrics cannot be collected"'))
		.map((line) => JSON.parse(line) as { metrics: string[]; message?: string })
		.filter((line) => line.metrics.includes(metric));
}

describe("queries that cannot be answered", () => {
	it("are logged once each, and the others are collected", async () => {
		const log = (await stage.controllers[0]?.log()) ?? "";
		const [broken, ...again] = complaints(log, "broken");
		expect(again).toEqual([]);
		expect(broken?.message).toMatch(/^metric "broken": the query is not valid PromQL .*parse error/);
		const [clashing] = complaints(log, "clashing");
		expect(clashing?.message).toMatch(/^metric "clashing": the query cannot be evaluated /);
		await stage.apply(namespace("good"), policy("good"), deployment({ namespace: "good", name: "web" }));
		await stage.waitUntil("a report of good/web", async () => {
			const status = (await stage.api.find("QoSReport", "good", "web"))?.status;
			expect(status?.current.measured).toBeGreaterThan(0);
			return true;
		});
	});

	it("leave a policy that needs one unready, and its pods where they are", async () => {
		const skips = () => stage.metric("kubectl_qos_admission_total", { result: "skipped", reason: "MetricsAbsent" });
		const before = await skips();
		await stage.apply(
			namespace("unanswered"),
			policy("unanswered", { objective: { metric: "broken" } }),
			deployment({ namespace: "unanswered", name: "web" }),
		);
		const conditions = () =>
			stage.waitUntil("the policy says what is wrong", async () => {
				const found = (await stage.api.get("QoSPolicy", "unanswered", "fast")).status?.conditions;
				for (const type of ["MetricsAvailable", "Ready"]) {
					const condition = found?.find((one) => one.type === type);
					expect(condition).toMatchObject({ status: "False", reason: "QueryFailed" });
					expect(condition?.message).toMatch(
						/^metric "broken": the query is not valid PromQL .*; correct it under [^\n]+$/,
					);
				}
				return found;
			});
		const first = await conditions();
		expect(await nodeOf(stage, "unanswered", "web")).toMatch(/^node-/);
		expect(await skips()).toBe(before + 1);
		await moreRuns(stage, "rebalance", 3);
		expect(await conditions()).toEqual(first);
		const report = (await stage.api.get("QoSReport", "unanswered", "web")).status;
		expect(report?.decision).toMatchObject({ action: "Unknown" });
		expect(await stage.api.list("QoSMigration", "unanswered")).toEqual([]);
	});

	it("of a Prometheus that is not there, too", async () => {
		const lonely = await startController({
			name: "lonely",
			cluster: stage.cluster,
			configuration: {
				prometheus: { url: "http://127.0.0.1:9", timeout: "1s" },
				webhook: { enabled: false },
				leaderElection: { leaseName: "lonely" },
			},
		});
		try {
			await lonely.ready();
			const [first] = await stage.waitUntil("its complaint", async () => {
				const found = complaints(await lonely.log(), "latency");
				return found.length > 0 ? found : undefined;
			});
			expect(first?.message).toContain("http://127.0.0.1:9");
			expect(first?.message).not.toContain("\n");
			expect(first?.metrics).toContain("node_cpu_usage");
			expect((await lonely.log()).match(/cannot be collected/g)).toHaveLength(1);
			expect(await lonely.probe("/livez")).toBe(200);
		} finally {
			await lonely.kill();
		}
	});
});
