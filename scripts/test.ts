/** `npm test [-- --only PART,...]`: all checks and tests, with a summary at the end. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mlflowPython } from "../test/cluster/mlflow.ts";
import { buildMissing } from "../test/cluster/programs/build.ts";
import { schemathesisPython } from "../test/contract/schemathesis/schemathesis.ts";
import { installMissingPackages, whyNoRealNodes } from "../test/real-nodes/requirements.ts";
import { parseFlags } from "./arguments.ts";
import { runChecks } from "./checks.ts";
import { type PartResult, runTool } from "./run-part.ts";
import { slowestFiles, summarize, total } from "./summary.ts";
import { REPORT_VARIABLE, type TestFile, testFiles } from "./vitest-report.ts";

const PARTS = ["checks", "unit", "contract", "e2e", "real-nodes"] as const;
const USAGE = `npm test [-- --only PART,...]; the parts are ${PARTS.join(", ")}`;
type Part = (typeof PARTS)[number];
type Project = Exclude<Part, "checks">;

/** What the whole may take on two cores once the programs are built. */
const BUDGET_SECONDS = 26 * 60;

function chosenParts(): readonly Part[] {
	const { values } = parseFlags({ options: { only: { type: "string" } } }, USAGE);
	if (values.only === undefined) return PARTS;
	const names = values.only.split(",");
	const unknown = names.filter((name) => !PARTS.some((part) => part === name));
	if (unknown.length > 0) throw new Error(`--only ${unknown.join(",")}: there are ${PARTS.join(", ")}`);
	return PARTS.filter((part) => names.includes(part));
}

interface Outcome {
	readonly results: readonly PartResult[];
	readonly files: readonly TestFile[];
}

async function runPart(part: Part): Promise<Outcome> {
	if (part === "checks") return { results: await runChecks(), files: [] };
	if (part !== "unit") {
		await buildMissing();
		// Within a test it would take longer than the test may.
		await mlflowPython();
		await schemathesisPython();
	}
	if (part === "real-nodes") {
		await installMissingPackages((line) => console.error(line));
		if ((await whyNoRealNodes()) === "") await buildMissing(["ControlPlane", "Machines"]);
	}
	return runVitest(part);
}

async function runVitest(project: Project): Promise<Outcome> {
	const folder = mkdtempSync(join(tmpdir(), "vitest-report-"));
	const report = join(folder, "report.json");
	try {
		const args = ["run", "--project", project, "--reporter=default", "--reporter=./scripts/vitest-report.ts"];
		const { code, seconds } = await runTool("vitest", args, "terminal", { [REPORT_VARIABLE]: report });
		const files = existsSync(report) ? testFiles.parse(JSON.parse(readFileSync(report, "utf8"))) : [];
		const passed = files.reduce((sum, file) => sum + file.passed, 0);
		const failures = files.reduce((sum, file) => sum + file.failed, 0);
		// A file that cannot be loaded, an error outside of tests or no tests at all: no test failed, and yet all is not well.
		const failed = code === 0 ? failures : Math.max(1, failures);
		return { results: [{ part: project, passed, failed, seconds }], files };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function main(): Promise<void> {
	const start = performance.now();
	const outcomes: Outcome[] = [];
	for (const part of chosenParts()) outcomes.push(await runPart(part));
	const seconds = (performance.now() - start) / 1000;
	const results = outcomes.flatMap((outcome) => outcome.results);
	if (seconds > BUDGET_SECONDS) {
		console.error(
			`the tests took ${Math.round(seconds)} s; they are meant to take at most ${BUDGET_SECONDS} s on two cores`,
		);
	}
	const slowest = slowestFiles(outcomes.flatMap(({ files }) => files));
	if (slowest !== "") console.log(`\n${slowest}`);
	console.log(`\n${summarize(results)}`);
	if (total(results, "failed") > 0) process.exitCode = 1;
}

try {
	await main();
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
