import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlugin } from "../../../cmd/kubectl-qos/root.ts";
import { logLine } from "../../../src/adapters/decision-log/schema.ts";
import { decisionEntry } from "../../../src/core/decision-log/decision.ts";
import { timeAt, trace } from "../backtest/support.ts";
import { evaluated, OUTCOME } from "../decision-log/world.ts";
import { input } from "../recommendation/builders.ts";
import { recordingTerminal } from "./terminal.ts";

let directory = "";
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), "backtest-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
	const path = join(directory, name);
	await writeFile(path, content);
	return path;
}

async function run(...words: string[]) {
	const { terminal, output } = recordingTerminal();
	const code = await runPlugin(["backtest", ...words], terminal);
	return { code, ...output };
}

const TRACE = trace(() => [25, 22, 20], { ticks: 200, noise: 5 });
const POLICY = `apiVersion: kubectl-qos.dev/v1alpha1
kind: QoSPolicy
metadata: { name: quick }
spec:
  workloadSelector: {}
  objective: { metric: qos, direction: Maximize, target: 25 }
`;

describe("kubectl qos backtest", () => {
	it("prints ours and the oracle as a table, all others when asked", async () => {
		const path = await file("trace.csv", TRACE);
		const two = await run("--trace", path, "--direction", "Maximize");
		expect(two.code).toBe(0);
		expect(two.stdout).toMatch(/^POLICY +MOVES +EFF +REGRET .*\nkubectl-qos +1 .*\noracle +1 .* <none>\n$/s);
		expect(two.stderr).toBe("600 rows, 200 ticks of 5m, 1 workload; Maximize qos, no target\n");
		const all = await run("--trace", path, "--direction=Maximize", "--compare", "all");
		const names = all.stdout.split("\n").map((line) => line.split(" ")[0]);
		expect(names).toEqual([
			"POLICY",
			"kubectl-qos",
			"original",
			"argmax",
			"margin",
			"ewma-margin-cooldown",
			"oracle",
			"",
		]);
	});

	it("prints JSON with every move and its reason, and reads gzip", async () => {
		const path = await file("trace.bin", gzipSync(TRACE));
		const policy = await file("policy.yaml", POLICY);
		const { code, stdout } = await run("--trace", path, "--policy", policy, "--compare", "ours,argmax", "-ojson");
		expect(code).toBe(0);
		const { policies } = JSON.parse(stdout) as { policies: Record<string, unknown>[] };
		expect(policies.map(({ name, ours }) => [name, ours])).toEqual([
			["kubectl-qos", true],
			["argmax", false],
		]);
		for (const { moves, moveCount, eff, regret, mae, coverage, violationSeconds } of policies) {
			expect(moves).toHaveLength(moveCount as number);
			expect([eff, regret, mae, violationSeconds].every(Number.isFinite)).toBe(true);
			expect(coverage).toBeNull();
		}
		const [first] = (policies[0]?.["moves"] ?? []) as object[];
		expect(first).toMatchObject({ workload: "shop/web", from: "node-2", to: "node-0" });
		expect(Object.keys(first ?? {})).toEqual(["time", "workload", "from", "to", "reason"]);
	});

	it("writes a page that needs nothing but itself", async () => {
		const rows = TRACE.replaceAll("shop/web", "shop/<script>&amp");
		const path = await file("page.csv", rows);
		const report = join(directory, "page.html");
		expect((await run("--trace", path, "--direction", "Maximize", "--report", report)).code).toBe(0);
		const html = await readFile(report, "utf8");
		expect(html).not.toMatch(/https?:|<script|NaN|undefined|Infinity/);
		expect(html).toContain("shop/&lt;script&gt;&amp;amp");
		expect(html).toContain("prefers-color-scheme: dark");
		expect(html.match(/<svg class="chart (wide|narrow)"/g)).toHaveLength(4);
	});

	it.each([
		[["--direction", "Maximize"], /^error: required flag --trace is not set/],
		[["--trace", "x", "--direction", "up"], /^error: invalid argument "up" for "--direction" flag/],
		[["--trace", "x", "--direction", "Maximize", "-o", "yaml"], /^error: unable to match a printer.*table,json/],
		[["--trace", "x", "--direction", "Maximize", "--compare", "best"], /^error: unknown policy "best"/],
		[["--trace", "x", "--direction", "Maximize", "--target", "-1"], /^error: invalid argument "-1" for "--target"/],
		[["--trace", "x", "--policy", "y", "--target", "1"], /^error: --target is what the policy file says/],
		[["x"], /^error: extra arguments: \[x\]/],
	])("refuses %j", async (words, expected) => {
		const { code, stdout, stderr } = await run(...words);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(expected);
	});

	it("shows how far it is where somebody looks, and clears that", async () => {
		const drawn: string[] = [];
		const { terminal, output } = recordingTerminal({ progress: (text) => drawn.push(text) });
		const path = await file("trace.csv", TRACE);
		expect(await runPlugin(["backtest", "--trace", path, "--direction", "Maximize"], terminal)).toBe(0);
		expect(drawn[0]).toMatch(/^\[#*\.*\] \d+% {2}\d+ MiB$/);
		expect(drawn.at(-1)).toBe("");
		expect(output.stderr).not.toContain("MiB");
	});

	it("never guesses the direction", async () => {
		const { code, stdout, stderr } = await run("--trace", await file("trace.csv", TRACE));
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/^error: whether more or less is better is never guessed: give --policy FILE, or --dir/);
	});

	it("names file and line of a bad trace, in one line, and writes nothing", async () => {
		const path = await file("bad.csv", `time,workload,node,predicted,actual\n${timeAt(0)},w,a,much,1\n`);
		const before = await readdir(directory);
		const { code, stdout, stderr } = await run(
			"--trace",
			path,
			"--direction",
			"Maximize",
			"--report",
			join(directory, "never.html"),
		);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toBe(
			`error: ${path}, line 2: predicted is "much"; write a number such as 0.25, or leave it empty\n`,
		);
		expect(await readdir(directory)).toEqual(before);
	});

	it.each([
		["a contradiction", POLICY.replace("target: 25", "target: -1"), /spec\.objective\.target: must be above zero/],
		["no direction", POLICY.replace("direction: Maximize, ", ""), /spec\.objective\.direction/],
		[
			"a trigger without its target",
			POLICY.replace(", target: 25 }", " }\n  rebalance: { trigger: Reactive }"),
			/spec\.objective\.target: is needed by spec\.rebalance\.trigger Reactive/,
		],
		["no policy", "kind: Deployment", /there is no QoSPolicy in it/],
		["two policies", `${POLICY}---\n${POLICY}`, /there are 2 QoSPolicies in it/],
		["no YAML", "a: [", /it is not YAML/],
	])("refuses a policy file with %s by the field's path", async (_, content, expected) => {
		const path = await file("trace.csv", TRACE);
		const policy = await file("bad.yaml", content);
		const { code, stderr } = await run("--trace", path, "--policy", policy);
		expect(code).toBe(1);
		expect(stderr.startsWith(`error: ${policy}`)).toBe(true);
		expect(stderr).toMatch(expected);
		expect(stderr.trimEnd()).not.toContain("\n");
	});
});

describe("kubectl qos backtest on a decision log", () => {
	const entry = decisionEntry(evaluated(input()), 20);
	const LOG = [logLine(OUTCOME), logLine(entry), logLine(entry)].join("");

	it("decides the same again", async () => {
		const path = await file("decisions.jsonl", gzipSync(LOG));
		const { code, stdout, stderr } = await run("--trace", path);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toBe(
			"POLICY        DECISIONS   MOVES   DIFFERENT\nkubectl-qos   2           2       0\nlog           2           2       0\n",
		);
		const { policies } = JSON.parse((await run("--trace", path, "-o", "json")).stdout) as { policies: object[] };
		expect(policies).toMatchObject([
			{ name: "kubectl-qos", ours: true, decisions: 2, different: 0, moves: [{ from: "a", to: "b" }, {}] },
			{ name: "log", ours: false, moves: [{ workload: "shop/web", to: "b" }, {}] },
		]);
	});

	it("tells what is decided otherwise, and fails", async () => {
		const path = await file("other.jsonl", LOG.replace('"action":"Move"', '"action":"Stay"'));
		const { code, stderr } = await run("--trace", path);
		expect(code).toBe(1);
		expect(stderr).toMatch(/shop\/web: Stay \(.*, b\) in the log, Move \(.*, b\) now\nerror: 1 of 2 decisions are not/);
	});

	it("names the line that is no entry", async () => {
		const path = await file("broken.jsonl", `${LOG}{"kind":"Decision"}\n`);
		const { code, stdout, stderr } = await run("--trace", path);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/broken\.jsonl, line 4: it is no entry of a decision log: time: /);
	});
});
