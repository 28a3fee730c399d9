import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { history, runTraining } from "./training-support.ts";

const MINUTE = 60_000;

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "kubectl-qos-training-"));
	// The environment is installed by whoever comes first.
	await runTraining(["train", "--family", "ets", "--csv", join(folder, "none.csv")]);
}, 5 * MINUTE);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("what cannot be used is refused with one line, and nothing is written", () => {
	const rows = (text: string) => history().split("\n").slice(0, 400).join("\n") + text;

	it.each([
		["nothing", "", /is empty; it needs a header/],
		["a header alone", "timestamp,latency\n", /has 0 rows of measurements/],
		["one row", "timestamp,latency\n1770000000,0.1\n", /has 1 row of measurements/],
		[
			"no objective",
			"timestamp,delay\n1770000000,0.1\n1770000010,0.1\n",
			/has no column latency \(objective\); it has timestamp, delay/,
		],
		[
			"semicolons",
			"timestamp;latency\n1770000000;0.1\n1770000010;0.1\n",
			/has no column timestamp \(time\); .*; separate the columns by commas/,
		],
		["no time", "when,latency\n1,0.1\n2,0.1\n", /has no column timestamp \(time\)/],
		[
			"no measurements",
			"timestamp,latency\n1770000000,NaN\n1770000010,\n1770000020,inf\n",
			/only 0% of the objective's values are measurements/,
		],
		[
			"words",
			"timestamp,latency\n1770000000,0.1\n1770000010,fast\n",
			/line 3: 'fast' in latency \(objective\) is no number/,
		],
		["words for times", "timestamp,latency\n1770000000,0.1\nlater,0.1\n", /line 3: 'later' in timestamp is no time/],
		[
			"time that goes back",
			"timestamp,latency\n1770000010,0.1\n1770000000,0.1\n",
			/line 3: the time goes back; sort the file/,
		],
		["the same time twice", "timestamp,latency\n1770000010,0.1\n1770000010,0.1\n", /line 3: the time repeats/],
		[
			"nothing but zeros",
			history().replaceAll(/^(\d+,[^,]+),[^,]+/gm, "$1,0"),
			/gives 0 train samples, .* mostly above 0/,
		],
		["too little", rows(""), /gives \d+ \w+ samples, at least \d+ are needed/],
		[
			"rare rows",
			"timestamp,latency\n1770000000,0.1\n1770000600,0.1\n",
			/rows come every 600 s, but a step is 30 s; pass --step 600s,/,
		],
		["another encoding", Buffer.from("timestamp,latency\n1770000000,0.1\xe9\n", "latin1"), /is not UTF-8 \(line 2\)/],
		["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]), /is not UTF-8/],
		[
			"percent",
			"timestamp,latency,node_cpu_utilization\n1770000000,0.1,40\n1770000010,0.1,50\n",
			/utilization goes up to 50.*--node-cores 100/,
		],
		[
			"another unit",
			"timestamp,latency\n1770000000,67900\n1770000010,68000\n",
			/more than the metric can be \(3600\).*--scale/,
		],
	] as const)("%s", { timeout: MINUTE }, async (what, content, message) => {
		const own = join(folder, `bad-${what}`);
		await mkdir(own);
		const file = join(own, "history.csv");
		await writeFile(file, content);
		const given = ["--family", "linear", "--csv", file, "--column", "objective=latency", "--runs", join(own, "runs")];
		const { code, stdout, stderr } = await runTraining(["train", ...given]);
		expect(stderr).toMatch(message);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect([code, stdout]).toEqual([1, ""]);
		expect(await readdir(join(own, "runs"))).toEqual([]);
	});

	it("a file that is not there", async () => {
		const { code, stderr } = await runTraining(["train", "--family", "linear", "--csv", "/none.csv", "--runs", folder]);
		expect([code, stderr]).toEqual([1, "/none.csv cannot be read (No such file or directory)\n"]);
	});

	it.each([
		["below a file", "history.csv/mine.onnx", "E[A-Z]+: .*"],
		["where a folder is", ".", "it is a folder"],
		["where no folder can be made", "/proc/none/mine.onnx", "E[A-Z]+: .*"],
		["where no file can be made", "/proc/mine.onnx", "E[A-Z]+: .*"],
	])("a place where no model can be written: %s", async (_title, place, reason) => {
		const file = join(folder, "history.csv");
		await writeFile(file, history());
		const runs = join(folder, "none-yet");
		const given = ["--family", "ets", "--quick", "--csv", file, "--column", "objective=latency", "--runs", runs];
		const { code, stdout, stderr } = await runTraining(["train", ...given, "--output", resolve(folder, place)]);
		expect(stderr).toMatch(new RegExp(`^--output \\S+ cannot be written \\(${reason}\\)\n$`));
		expect([code, stdout, existsSync(runs)]).toEqual([1, "", false]);
	});

	it("runs where no folder can be made", async () => {
		const given = ["--csv", join(folder, "history.csv"), "--column", "objective=latency"];
		const { code, stderr } = await runTraining(["train", "--family", "ets", ...given, "--runs", "/proc/none/runs"]);
		expect([code, stderr]).toEqual([1, "ENOENT: no such file or directory, mkdir '/proc/none'\n"]);
	});

	it("a Prometheus that does not answer", async () => {
		const { code, stderr } = await runTraining([
			"train",
			"--family",
			"linear",
			"--prometheus",
			"http://127.0.0.1:1",
			"--runs",
			folder,
		]);
		expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:1 cannot be reached .*\n$/);
		expect(code).toBe(1);
	});
});
